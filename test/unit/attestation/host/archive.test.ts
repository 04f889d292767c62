import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import {
  ARCHIVE_LIMITS,
  packArchive,
  unpackArchive,
} from "../../../../src/attestation/host/archive.ts";
import { archiveOf, bundleOf, signingKey } from "../../../fakes/bundle.ts";

const key = signingKey();
const archive = await archiveOf(key);
const data = Buffer.from("hello");

type Some = Partial<Header> & { readonly name: string };

function tar(...entries: readonly (readonly [Some, Buffer?])[]): Promise<Uint8Array> {
  const made = pack();
  for (const [header, content = Buffer.alloc(0)] of entries) {
    const usual = { mode: 0o644, mtime: new Date(0), size: content.length };
    const all = { ...usual, ...header } as Header;
    if (header.type === undefined || header.type === "file") made.entry(all, content);
    else made.entry({ ...all, size: 0 });
  }
  made.finalize();
  return buffer(made);
}

describe("an archive", () => {
  it("is the same bytes for the same files, in whatever order they come", async () => {
    const files = bundleOf(key);
    expect(Buffer.compare(await packArchive(files.toReversed()), archive)).toBe(0);
    const read = await unpackArchive(archive);
    expect(read.map(({ path }) => path)).toEqual(files.map(({ path }) => path).toSorted());
    expect(read.find(({ path }) => path === "patch.diff")?.data).toEqual(
      Buffer.from(files.find(({ path }) => path === "patch.diff")?.data ?? []),
    );
  });

  it.each<[string, RegExp, () => Promise<Uint8Array> | Uint8Array]>([
    ["was cut off", /cut off/, () => archive.slice(0, archive.length / 2)],
    ["is empty", /beside its files|cut off/, () => new Uint8Array()],
    ["is none", /no tar archive/, () => Buffer.alloc(4096, "x")],
    ["has data after its end", /after its end/, () => Buffer.concat([archive, Buffer.alloc(512)])],
    [
      "has another file appended",
      /out of place/,
      async () => Buffer.concat([archive, await tar([{ name: "b.txt" }, data])]),
    ],
    ["names a folder above", /"\.\.\/evil" has a name/, () => tar([{ name: "../evil" }, data])],
    [
      "names an absolute path",
      /"\/etc\/passwd" has a name/,
      () => tar([{ name: "/etc/passwd" }, data]),
    ],
    [
      "hides a folder above",
      /"logs\/\.\.\/evil" has a name/,
      () => tar([{ name: "logs/../evil" }, data]),
    ],
    ["has a name of other characters", /has a name/, () => tar([{ name: "a\nb" }, data])],
    ["has a very long name", /has a name/, () => tar([{ name: "a".repeat(3000) }, data])],
    [
      "holds a symbolic link",
      /"a" is a symlink/,
      () => tar([{ name: "a", type: "symlink", linkname: "/etc/passwd" }]),
    ],
    ["holds a hard link", /"a" is a link/, () => tar([{ name: "a", type: "link", linkname: "b" }])],
    [
      "holds a folder",
      /"a\/" is a directory|"a" is a directory/,
      () => tar([{ name: "a", type: "directory" }]),
    ],
    [
      "holds a device",
      /is a character-device/,
      () => tar([{ name: "a", type: "character-device" }]),
    ],
    [
      "names a file twice",
      /"a" is there twice/,
      () => tar([{ name: "a" }, data], [{ name: "a" }, data]),
    ],
    [
      "is in another order",
      /order .* "b" is out of place/,
      () => tar([{ name: "b" }, data], [{ name: "a" }, data]),
    ],
    ["has another owner", /owners/, () => tar([{ name: "a", uid: 7 }, data])],
    ["has a date", /times/, () => tar([{ name: "a", mtime: new Date(1e12) }, data])],
    [
      "has too many entries",
      /too many/,
      () => tar(...Array.from({ length: 501 }, (_, at) => [{ name: `f${at}` }, data] as const)),
    ],
  ])("that %s is refused by name", async (_, why, make) => {
    const refused = unpackArchive(await make());
    await expect(refused).rejects.toMatchObject({
      code: "bundle-refused",
      message: expect.stringMatching(why),
    });
  });

  it("that only says it is huge is refused before anything is read", async () => {
    const made = pack();
    made.entry({ name: "bomb", size: ARCHIVE_LIMITS.fileBytes + 1 } as Header);
    const [head] = await once(made, "data");
    made.destroy();
    await expect(unpackArchive(head)).rejects.toThrow(/"bomb" is larger than 64 MiB/);
    const huge = { length: ARCHIVE_LIMITS.bytes + 1 } as Uint8Array;
    await expect(unpackArchive(huge)).rejects.toThrow(/larger than 256 MiB/);
  });
});
