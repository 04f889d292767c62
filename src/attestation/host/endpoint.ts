import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { ArtifactStore } from "../../artifact/artifact.ts";
import { toFailure } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { KeyDocument } from "../keys.ts";
import { type Asked, expected, type LinkHmac, readEvidencePath } from "../link.ts";

export const KEYS_PATH = "/.well-known/dunlin-keys.json";

export type EvidenceEndpointOptions = {
  readonly keys: KeyDocument;
  readonly linkHmac: LinkHmac;
  readonly artifacts: ArtifactStore;
  readonly now: () => number;
  readonly log: Log;
};

/** Answers for the public keys, and for bundles to who has a link. Resolves to false when it is about something else. */
export function createEvidenceEndpoint(options: EvidenceEndpointOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const [path = "", search = ""] = (request.url ?? "").split("?", 2);
    const asked = path === KEYS_PATH ? "keys" : readEvidencePath(path, search);
    if (asked === undefined) return false;
    await answer(request, response, asked, options);
    return true;
  };
}

type Wanted = "keys" | Exclude<ReturnType<typeof readEvidencePath>, undefined>;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Wanted,
  options: EvidenceEndpointOptions,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    refuse(response, 405, "Only GET is answered here.");
  } else if (asked === "keys") {
    answerKeys(request, response, options.keys);
  } else if (asked === "malformed") {
    refuse(response, 403, "This link is not complete. Copy it anew from the check run.");
  } else {
    await answerBundle(request, response, { ...options, ...asked });
  }
}

const HEADERS = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

function answerKeys(request: IncomingMessage, response: ServerResponse, keys: KeyDocument): void {
  const headers = { "content-type": "application/json", "cache-control": "public, max-age=300" };
  response.writeHead(200, { ...HEADERS, ...headers });
  response.end(request.method === "HEAD" ? undefined : `${JSON.stringify(keys, null, 2)}\n`);
}

/** The signature first: to who has none, it makes no difference whether a run or a bundle is there. */
async function answerBundle(
  request: IncomingMessage,
  response: ServerResponse,
  { link, signature, linkHmac, artifacts, now, log }: EvidenceEndpointOptions & Asked,
): Promise<void> {
  const meant = Buffer.from(expected(link, linkHmac));
  const given = Buffer.from(signature);
  if (given.length !== meant.length || !timingSafeEqual(given, meant)) {
    return refuse(response, 403, "This link was not made by this server, or its key has changed.");
  }
  if (now() > link.expiresAtMs) {
    return refuse(
      response,
      410,
      `This link has expired. The operator has the bundle as ${link.bundle}.`,
    );
  }
  if (!(await artifacts.has(link.bundle))) {
    return refuse(
      response,
      404,
      `The bundle ${link.bundle} is not in this server's store any more.`,
    );
  }
  const name = `evidence-${link.bundle.slice(7, 19)}.tar`;
  const disposition = `attachment; filename="${name}"`;
  const headers = { "content-type": "application/x-tar", "cache-control": "private, no-store" };
  response.writeHead(200, { ...HEADERS, ...headers, "content-disposition": disposition });
  if (request.method === "HEAD") return void response.end();
  await pipeline(artifacts.get(link.bundle), response).catch((error: unknown) => {
    // Its head is sent: all that can be done is to end it before its end.
    log.warn({ error: toFailure(error).message }, "bundle not sent to its end");
    response.destroy();
  });
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": "text/plain" }).end(`${text}\n`);
}
