import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ArtifactStore, type Digest, readAll } from "../../../../src/artifact/artifact.ts";
import { createFolderStore } from "../../../../src/artifact/stores/folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const digestOf = (content: Uint8Array): Digest =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;
const fileOf = (digest: Digest) => join(folder, digest.slice(7, 9), digest.slice(9));

let folder: string;
let store: ArtifactStore;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "store-")), "artifacts");
  store = await createFolderStore(folder);
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

async function* chunks(...parts: (string | Error)[]) {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield bytes(part);
  }
}

describe("artifacts in a folder", () => {
  it("come back by their digest, however they came in", async () => {
    const put = await store.put(chunks("one ", "", "two"));
    expect(put).toEqual({ digest: digestOf(bytes("one two")), bytes: 7 });
    expect(await store.put(bytes("one two"))).toEqual(put);
    expect(await readAll(store.get(put.digest))).toEqual(bytes("one two"));
    expect(await store.has(put.digest)).toBe(true);
    const again = await createFolderStore(folder);
    expect(await readAll(again.get(put.digest))).toEqual(bytes("one two"));
  });

  it("may be empty", async () => {
    const { digest } = await store.put(new Uint8Array());
    expect(await readAll(store.get(digest))).toHaveLength(0);
  });

  it("can be put many times at once", async () => {
    const puts = await Promise.all(Array.from({ length: 20 }, () => store.put(chunks("a", "b"))));
    expect(new Set(puts.map(({ digest }) => digest))).toEqual(new Set([digestOf(bytes("ab"))]));
    expect(await readdir(folder)).toHaveLength(1);
  });

  it("are complete or absent", async () => {
    await expect(store.put(chunks("half", new Error("cut")))).rejects.toThrow("cut");
    expect(await store.has(digestOf(bytes("half")))).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it("are readable by this user only", async () => {
    const { digest } = await store.put(bytes("secret"));
    expect((await stat(fileOf(digest))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it("are reported when missing or damaged", async () => {
    const missing = digestOf(bytes("never"));
    expect(await store.has(missing)).toBe(false);
    await expect(readAll(store.get(missing))).rejects.toMatchObject({
      kind: "unavailable",
      code: "artifact-missing",
    });
    const { digest } = await store.put(bytes("fine"));
    await writeFile(fileOf(digest), "evil");
    await expect(readAll(store.get(digest))).rejects.toMatchObject({ code: "artifact-corrupt" });
    await truncate(fileOf(digest), 1);
    await expect(readAll(store.get(digest))).rejects.toMatchObject({ code: "artifact-corrupt" });
  });

  it("take no other name than a digest", async () => {
    expect(() => store.get("sha256:../../etc/passwd")).toThrow("must be named by its sha256");
  });
});
