import { z } from "zod";
import type { Digest } from "../artifact/artifact.ts";

/** HMAC-SHA-256 with a secret of the server's, in base64url. */
export type LinkHmac = (text: string) => string;

/** A bundle that somebody may download for a while. It names the content, so the server needs to look up nothing. */
export type EvidenceLink = {
  readonly runId: string;
  readonly bundle: Digest;
  readonly expiresAtMs: number;
};

/** Longer than a review takes, shorter than a link is remembered. */
export const LINK_LIFETIME_MS = 14 * 24 * 3600_000;

const PATH = /^\/runs\/([\w.%-]{1,600})\/evidence\.tar$/;
const query = z.object({
  bundle: z.string().regex(/^[0-9a-f]{64}$/),
  expires: z.string().regex(/^\d{1,12}$/),
  signature: z.string().regex(/^[\w-]{43}$/),
});

/** Path and query. */
export function evidencePath(link: EvidenceLink, hmac: LinkHmac): string {
  const given = new URLSearchParams({
    bundle: link.bundle.slice("sha256:".length),
    expires: String(Math.floor(link.expiresAtMs / 1000)),
    signature: hmac(signed(link)),
  });
  return `/runs/${encodeURIComponent(link.runId)}/evidence.tar?${given}`;
}

/** What a link asks for: `link` is to be trusted only when `signature` is the one that `expected` gives. */
export type Asked = { readonly link: EvidenceLink; readonly signature: string };

/** Undefined when the address is for something else; `malformed` when no server of Dunlin's wrote it. */
export function readEvidencePath(path: string, search: string): Asked | "malformed" | undefined {
  const encoded = PATH.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  const given = query.safeParse(Object.fromEntries(new URLSearchParams(search))).data;
  const runId = decoded(encoded);
  if (given === undefined || runId === undefined) return "malformed";
  const link: EvidenceLink = {
    runId,
    bundle: `sha256:${given.bundle}`,
    expiresAtMs: Number(given.expires) * 1000,
  };
  return { link, signature: given.signature };
}

/** The signature that a link has to have. */
export function expected(link: EvidenceLink, hmac: LinkHmac): string {
  return hmac(signed(link));
}

function signed({ runId, bundle, expiresAtMs }: EvidenceLink): string {
  return JSON.stringify(["dunlin/evidence-link", runId, bundle, Math.floor(expiresAtMs / 1000)]);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
