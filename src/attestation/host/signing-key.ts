import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { Signer } from "../envelope.ts";
import { type KeyDocument, type PublicKey, readKeys, withCurrent } from "../keys.ts";
import type { LinkHmac } from "../link.ts";
import { idOf } from "./ed25519.ts";

/** The operator's key, which never leaves the process: `secret` is for the redactor. */
export type SigningKey = {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
  /** The key in use and all that were before. */
  readonly keys: KeyDocument;
  readonly linkHmac: LinkHmac;
  /** PEM. */
  readonly secret: string;
};

/**
 * The key in `file`, or the one of `folder`, made there when it is missing. Public keys stay listed in
 * `folder/public-keys.json`: whoever changes the key only has to start Dunlin again. Throws `invalid-request` (`config`,
 * `key-retired`, `keys-invalid`).
 */
export async function openSigningKey(options: {
  readonly folder: string;
  readonly file: string | undefined;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly now: string;
}): Promise<SigningKey> {
  const { folder, now } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = options.file ?? (await ownKey(folder));
  const { key, secret } = await readPrivateKey(file);
  const spki = createPublicKey(key);
  const current = {
    id: idOf(spki),
    publicKey: spki.export({ type: "spki", format: "pem" }).toString(),
  };
  const keys = await listKey(folder, current, now);
  const publicKey = keys.keys.find(({ id }) => id === current.id);
  if (publicKey === undefined) throw new Error("The key in use is not listed.");
  const derived = hkdfSync(
    "sha256",
    key.export({ type: "pkcs8", format: "der" }),
    "",
    "dunlin evidence links",
    32,
  );
  const linkSecret = Buffer.from(derived);
  return {
    signer: { keyId: current.id, sign: (message) => sign(null, message, key) },
    publicKey,
    keys,
    linkHmac: (text) => createHmac("sha256", linkSecret).update(text).digest("base64url"),
    secret,
  };
}

/** Two processes that start at once get the same key: the file appears whole, and only once. */
async function ownKey(folder: string): Promise<string> {
  const file = join(folder, "signing-key.pem");
  const fresh = join(folder, `new-${crypto.randomUUID()}.pem`);
  const known = await readFile(file).then(
    () => true,
    () => false,
  );
  if (known) return file;
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  try {
    await writeFile(fresh, pem, { mode: 0o600, flag: "wx" });
    await link(fresh, file).catch((error: unknown) => {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    });
  } finally {
    await rm(fresh, { force: true });
  }
  return file;
}

async function readPrivateKey(file: string): Promise<{ key: KeyObject; secret: string }> {
  try {
    const secret = await readFile(file, "utf8");
    const key = createPrivateKey(secret);
    if (key.asymmetricKeyType === "ed25519") return { key, secret };
    throw new Error(`it is a key for ${key.asymmetricKeyType}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      "invalid-request",
      "config",
      `The signing key ${file} can't be used (${why}). Set DUNLIN_SIGNING_KEY_FILE to an Ed25519 key in PEM; make one with: openssl genpkey -algorithm ed25519 -out FILE`,
      { cause },
    );
  }
}

async function listKey(
  folder: string,
  current: Pick<PublicKey, "id" | "publicKey">,
  now: string,
): Promise<KeyDocument> {
  const file = join(folder, "public-keys.json");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  });
  const known = text === undefined ? undefined : readKeys(parse(text));
  const keys = withCurrent(known, current, now);
  if (keys.keys === known?.keys) return keys;
  const fresh = join(folder, `new-${crypto.randomUUID()}.json`);
  await writeFile(fresh, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await rename(fresh, file);
  return keys;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
