import { Readable } from "node:stream";
import { extract, pack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, providerFor, SPEC, sh, text } from "./sandbox-fixture.ts";

describeEachRuntime("a sandbox's files", (runtime) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await providerFor(runtime).create(SPEC);
  });
  afterAll(() => sandbox.destroy());

  test("come and go byte for byte, with their folders and their mode", async () => {
    const data = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
    await sandbox.writeFiles([
      { path: "/workspace/deep/er/all bytes", data },
      { path: "/workspace/run.sh", data: Buffer.from("#!/bin/sh\necho ran\n"), mode: 0o755 },
    ]);
    expect(await sandbox.readFile("/workspace/deep/er/all bytes", { maxBytes: 256 })).toEqual(data);
    expect((await sh(sandbox, "/workspace/run.sh; stat -c '%a %u' 'deep/er/all bytes'")).out).toBe(
      "ran\n644 1000\n",
    );
  });

  test("that are missing, folders, too large or oddly named are the caller's mistake", async () => {
    await sandbox.writeFiles([{ path: "/workspace/eleven", data: Buffer.from("hello world") }]);
    const read = (path: string, maxBytes = 10) => sandbox.readFile(path, { maxBytes });
    await expect(read("/workspace/none")).rejects.toMatchObject({ code: "no-such-file" });
    await expect(read("/workspace")).rejects.toMatchObject({ code: "no-such-file" });
    await expect(read("/dev/zero")).rejects.toMatchObject({ code: "no-such-file" });
    await expect(read("/workspace/eleven")).rejects.toMatchObject({ code: "file-too-large" });
    expect(text(await read("/workspace/eleven", 11))).toBe("hello world");
    for (const path of ["eleven", "/workspace/../etc/x", "/workspace/a/", "/a\0b"]) {
      await expect(read(path)).rejects.toMatchObject({ code: "bad-path" });
      await expect(sandbox.writeFiles([{ path, data: new Uint8Array() }])).rejects.toMatchObject({
        code: "bad-path",
      });
    }
  });

  test("are never written through a link", async () => {
    await sh(
      sandbox,
      "mkdir /tmp/out; echo kept > /tmp/out/f; ln -s /tmp/out way; ln -s /tmp/out/f at",
    );
    await expect(
      sandbox.writeFiles([{ path: "/workspace/way/f", data: Buffer.from("x") }]),
    ).rejects.toMatchObject({ kind: "invalid-request", code: "path-through-link" });
    await sandbox.writeFiles([{ path: "/workspace/at", data: Buffer.from("new\n") }]);
    expect((await sh(sandbox, "cat /tmp/out/f at; test -L at && echo link")).out).toBe(
      "kept\nnew\n",
    );
  });

  test("can't be written where the job's user can't", async () => {
    const write = sandbox.writeFiles([{ path: "/etc/new", data: Buffer.from("x") }]);
    await expect(write).rejects.toMatchObject({ kind: "invalid-request" });
  });

  test("go in and out as an archive, 10,000 of them", async () => {
    const archive = pack();
    const content = (index: number) => `file ${index}\n`;
    for (let index = 0; index < 10_000; index += 1) {
      archive.entry({ name: `d${index % 100}/f${index}` }, content(index));
    }
    archive.finalize();
    await sandbox.uploadTar("/workspace/many", Readable.from(archive));
    const found = await readArchive(
      sandbox.downloadTar("/workspace", ["many"], { maxBytes: 64 * 1024 ** 2 }),
    );
    expect(found.size).toBe(10_000);
    expect(found.get("many/d77/f9977")).toBe(content(9977));
  });

  test("leave only as far as the archive's limit, and by the names that were asked for", async () => {
    await sh(sandbox, "mkdir sel; echo a > sel/-rf; echo b > 'sel/a\nb'; truncate -s 1G sel/huge");
    const names = ["-rf", "a\nb"];
    const found = await readArchive(
      sandbox.downloadTar("/workspace/sel", names, { maxBytes: 1024 ** 2 }),
    );
    expect([...found]).toEqual([
      ["-rf", "a\n"],
      ["a\nb", "b\n"],
    ]);
    const download = (path: string) =>
      readArchive(sandbox.downloadTar("/workspace/sel", [path], { maxBytes: 1024 ** 2 }));
    await expect(download("huge")).rejects.toMatchObject({
      kind: "limit-reached",
      code: "archive-too-large",
    });
    await expect(download("none")).rejects.toMatchObject({ code: "no-such-file" });
  });

  test("stop leaving when the reader stops", async () => {
    await sh(sandbox, "head -c 50000000 /dev/zero > /tmp/large");
    for await (const chunk of sandbox.downloadTar("/tmp", ["large"], { maxBytes: 1024 ** 3 })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await sh(sandbox, "echo next")).out).toBe("next\n");
  });

  test("of a hostile archive stay in their folder", async () => {
    const archive = pack();
    archive.entry({ name: "out", type: "symlink", linkname: "/tmp" });
    archive.entry({ name: "out/escaped" }, "x");
    archive.entry({ name: "../above" }, "x");
    archive.finalize();
    await expect(
      sandbox.uploadTar("/workspace/inner/most", Readable.from(archive)),
    ).rejects.toMatchObject({ kind: "invalid-request" });
    expect(await sh(sandbox, "test ! -e /tmp/escaped && test ! -e inner/above")).toMatchObject({
      exitCode: 0,
    });
  });

  test("that don't fit are named as the reason", async () => {
    await sh(sandbox, "head -c 255M /dev/zero > fill");
    const data = new Uint8Array(4 * 1024 ** 2);
    await expect(sandbox.writeFiles([{ path: "/workspace/big", data }])).rejects.toMatchObject({
      kind: "limit-reached",
      code: "workspace-full",
    });
    await sh(sandbox, "rm -f fill big");
  });

  test("of a layer are there when the sandbox is", async () => {
    const archive = pack();
    archive.entry({ name: "dependency/index.js" }, "1\n");
    archive.finalize();
    const layer = {
      digest: "sha256:none",
      into: "/workspace/node_modules",
      open: () => Readable.from(archive),
    };
    await using layered = await providerFor(runtime).create({ ...SPEC, layers: [layer] });
    const path = "/workspace/node_modules/dependency/index.js";
    expect(text(await layered.readFile(path, { maxBytes: 10 }))).toBe("1\n");
  });
});

async function readArchive(archive: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const reader = extract();
  const feeding = (async () => {
    for await (const chunk of archive) reader.write(chunk);
    reader.end(undefined);
  })();
  // A broken archive must end the reading too.
  feeding.catch((error: Error) => reader.destroy(error));
  for await (const entry of reader) {
    const content: Uint8Array[] = [];
    for await (const data of entry) content.push(data as Uint8Array);
    if (entry.header.type === "file") found.set(entry.header.name, text(Buffer.concat(content)));
  }
  await feeding;
  return found;
}
