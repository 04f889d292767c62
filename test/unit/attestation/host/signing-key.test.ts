import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ED25519 } from "../../../../src/attestation/host/ed25519.ts";
import { openSigningKey } from "../../../../src/attestation/host/signing-key.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "dunlin-keys-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return join(made, "keys");
}
const open = (where: string, file?: string, now = "2026-11-23T06:00:00.000Z") =>
  openSigningKey({ folder: where, file, now });
const pemOf = (kind: "ed25519" | "x25519") => {
  const { privateKey } = generateKeyPairSync(kind as "ed25519");
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
};

it("is made once, for its owner only, also by two that start at once", async () => {
  const where = await folder();
  const [one, two] = await Promise.all([open(where), open(where)]);
  expect(one.signer.keyId).toBe(two.signer.keyId);
  expect((await stat(join(where, "signing-key.pem"))).mode & 0o777).toBe(0o600);
  expect((await stat(where)).mode & 0o777).toBe(0o700);
  expect((await readdir(where)).toSorted()).toEqual(["public-keys.json", "signing-key.pem"]);
  const message = Buffer.from("hello");
  const { publicKey } = one.publicKey;
  expect(ED25519.verify(publicKey, message, one.signer.sign(message))).toBe(true);
  expect(ED25519.verify(publicKey, Buffer.from("hullo"), one.signer.sign(message))).toBe(false);
  expect(ED25519.keyIdOf(publicKey)).toBe(one.publicKey.id);
  expect(JSON.stringify(one.keys)).not.toContain("PRIVATE");
});

it("of the operator's own takes over, and the one before stays listed", async () => {
  const where = await folder();
  const before = await open(where);
  const file = join(where, "operator.pem");
  await writeFile(file, pemOf("ed25519"));
  const after = await open(where, file, "2026-12-01T00:00:00.000Z");
  expect(after.keys.keys.map(({ id, notAfter }) => [id, notAfter])).toEqual([
    [after.signer.keyId, null],
    [before.signer.keyId, "2026-12-01T00:00:00.000Z"],
  ]);
  expect((await open(where, file)).keys).toEqual(after.keys);
  expect(after.linkHmac("x")).not.toBe(before.linkHmac("x"));
  await expect(open(where)).rejects.toMatchObject({ code: "key-retired" });
});

it("that is none is refused with the way to make one, and never shown", async () => {
  const where = await folder();
  await open(where);
  const file = join(where, "other.pem");
  const pem = pemOf("x25519");
  for (const text of [pem, "nonsense", await readFile(join(where, "public-keys.json"), "utf8")]) {
    await writeFile(file, text);
    const refused = open(where, file);
    await expect(refused).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("openssl genpkey -algorithm ed25519"),
    });
    await expect(refused).rejects.not.toThrow(pem.split("\n")[1] ?? "");
  }
});
