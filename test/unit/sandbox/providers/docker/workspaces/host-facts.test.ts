import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  fingerprint,
  hashStretches,
  parseStretches,
} from "../../../../../../src/sandbox/providers/docker/workspaces/image-hash.ts";
import { parseMounts } from "../../../../../../src/sandbox/providers/docker/workspaces/mounts.ts";
import { volumeSize } from "../../../../../../src/sandbox/providers/docker/workspaces/volume.ts";

it("mount points are read in order, odd characters included", () => {
  const table = `22 27 0:21 / /proc rw,relatime - proc proc rw
53 27 254:0 /a /var/with\\040space\\011tab rw shared:4 - ext4 /dev/vda rw
54 27 0:4 net:[4026532256] /run/back\\134slash rw - nsfs nsfs rw
`;
  expect(parseMounts(table)).toEqual(["/proc", "/var/with space\ttab", "/run/back\\slash"]);
});

it("the written stretches of a file are read from the table of them", () => {
  const table = `Filesystem type is: ef53
File size of image is 9214803968 (2249708 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..       3:    7277021..   7277024:      4:            
   1:       19..      19:    7277040..   7277040:      1:            
  21:  2249680.. 2249707:    7276896..   7276923:     28:    7455696: last,unwritten,eof
image: 17 extents found
`;
  expect(parseStretches(table)).toEqual([
    [0, 3],
    [19, 19],
    [2249680, 2249707],
  ]);
});

it("the hash is of the stretches alone, the fingerprint of any write", async () => {
  const folder = await mkdtemp(join(tmpdir(), "image-"));
  const image = join(folder, "image");
  try {
    await writeFile(image, Buffer.alloc(5 * 4096, 1));
    const stretches = [
      [0, 1],
      [3, 3],
    ] as const;
    const hash = () =>
      hashStretches(
        image,
        stretches.map(([a, b]): [number, number] => [a, b]),
      );
    const [before, mark] = [await hash(), await fingerprint(image)];
    const write = async (block: number) => {
      await using file = await open(image, "r+");
      await file.write(Buffer.from("x"), 0, 1, block * 4096 + 7);
    };
    await write(2);
    expect(await hash()).toBe(before);
    expect(await fingerprint(image)).not.toBe(mark);
    await write(3);
    expect(await hash()).not.toBe(before);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("a volume has room for files in proportion, and never for almost none", () => {
  expect(volumeSize(2048)).toEqual({ bytes: 2048 * 1024 ** 2, inodes: 524_288 });
  expect(volumeSize(1).inodes).toBe(4096);
});
