import { z } from "zod";
import { Failure } from "../errors.ts";

/** A key that bundles were or are signed with. */
export type PublicKey = {
  /** SHA-256 of the key (SPKI, DER): 64 hexadecimal digits. */
  readonly id: string;
  readonly algorithm: "ed25519";
  /** PEM, SPKI. */
  readonly publicKey: string;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly notBefore: string;
  /** Null for the one in use. */
  readonly notAfter: string | null;
};

/** What `/.well-known/dunlin-keys.json` answers. */
export type KeyDocument = {
  readonly schema: typeof KEYS_SCHEMA;
  readonly keys: readonly PublicKey[];
};

const KEYS_SCHEMA = "dunlin/keys/v1";
/** A document with more was not written by Dunlin. */
const MOST_KEYS = 1000;

/** In UTC and always of the same length, so that texts compare as times do. */
export const moment = z.iso.datetime({ precision: 3 });

const keyDocument: z.ZodType<KeyDocument> = z.strictObject({
  schema: z.literal(KEYS_SCHEMA),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{64}$/),
        algorithm: z.literal("ed25519"),
        publicKey: z.string().max(1000),
        notBefore: moment,
        notAfter: moment.nullable(),
      }),
    )
    .min(1)
    .max(MOST_KEYS),
});

/** Throws `invalid-request/keys-invalid`. */
export function readKeys(json: unknown): KeyDocument {
  const read = keyDocument.safeParse(json);
  if (read.success) return read.data;
  throw new Failure(
    "invalid-request",
    "keys-invalid",
    `This is no list of Dunlin's public keys. Get it from /.well-known/dunlin-keys.json of the server that made the bundle.\n${z.prettifyError(read.error)}`,
  );
}

/**
 * The list with `current` as the key in use from `now` on; what was in use before stays listed, retired at that time.
 * Throws `invalid-request/key-retired` for a key that was retired once: what it signs would be refused.
 */
export function withCurrent(
  known: KeyDocument | undefined,
  current: Pick<PublicKey, "id" | "publicKey">,
  now: string,
): KeyDocument {
  const keys = known?.keys ?? [];
  const same = keys.find(({ id }) => id === current.id);
  if (same?.notAfter === null) return { schema: KEYS_SCHEMA, keys };
  if (same !== undefined) {
    throw new Failure(
      "invalid-request",
      "key-retired",
      `The signing key ${current.id.slice(0, 16)} was retired on ${same.notAfter}. Make a new one: openssl genpkey -algorithm ed25519.`,
    );
  }
  const retired = keys.map((key) => (key.notAfter === null ? { ...key, notAfter: now } : key));
  const added: PublicKey = { ...current, algorithm: "ed25519", notBefore: now, notAfter: null };
  return { schema: KEYS_SCHEMA, keys: [added, ...retired] };
}

/** Why nothing that was signed at `time` counts with this key; undefined when it was in use then. */
export function outOfUse({ notBefore, notAfter }: PublicKey, time: string): string | undefined {
  if (time < notBefore) return `it came into use on ${notBefore} only`;
  if (notAfter !== null && time > notAfter) return `it was retired on ${notAfter}`;
  return undefined;
}
