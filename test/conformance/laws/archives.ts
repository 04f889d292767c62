import assert from "node:assert/strict";
import { archive, unpack } from "../archive.ts";
import type { Law } from "../law.ts";
import { bytes, fails, sh, succeeded } from "../shell.ts";

const MANY_BYTES = 64 * 1024 ** 2;

/** Trees as tar archives, in and out. */
export const ARCHIVE_LAWS: readonly Law[] = [
  {
    promise: "An archive is unpacked with its files, modes and links, into a folder that is made.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const tar = archive(
        { name: "bin/", type: "directory" },
        { name: "bin/run", content: "#!/bin/sh\necho ran\n", mode: 0o755 },
        { name: "plain", content: "text\n", mode: 0o644 },
        { name: "link", type: "symlink", linkname: "plain" },
      );
      await sandbox.uploadTar(`${folder}/in`, tar);
      const script = "bin/run; cat link; readlink link; stat -c %a plain bin/run";
      const { out } = await sh(sandbox, script, { cwd: `${folder}/in` });
      assert.equal(out, "ran\ntext\nplain\n644\n755\n");
    },
  },
  {
    promise: "What an archive brought belongs to the commands, whoever its entries name.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sandbox.uploadTar(folder, archive({ name: "theirs", content: "x", uid: 0, gid: 0 }));
      succeeded(await sh(sandbox, `echo y >> ${folder}/theirs && rm ${folder}/theirs`));
    },
  },
  {
    promise: "An archive can't put anything outside its folder by `..`.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const tar = archive({ name: "in", content: "x" }, { name: "../above", content: "x" });
      await sandbox.uploadTar(`${folder}/inner`, tar).catch(() => {});
      succeeded(await sh(sandbox, `test ! -e ${folder}/above`));
    },
  },
  {
    promise: "An archive can't put anything outside its folder by an absolute name.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const place = folder.replace("/workspace/", "/tmp/");
      await sandbox.uploadTar(folder, archive({ name: place, content: "x" })).catch(() => {});
      succeeded(await sh(sandbox, `test ! -e ${place}`));
    },
  },
  {
    promise: "An archive can't put anything outside its folder by way of its own links.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sh(sandbox, `mkdir -p ${folder}/outside`);
      const tar = archive(
        { name: "way", type: "symlink", linkname: "../outside" },
        { name: "way/escaped", content: "x" },
      );
      await sandbox.uploadTar(`${folder}/inner`, tar).catch(() => {});
      succeeded(await sh(sandbox, `test ! -e ${folder}/outside/escaped`));
    },
  },
  {
    promise: "What is no archive is the caller's mistake.",
    async check({ shared, folder }) {
      const noArchive = (async function* () {
        yield bytes("this is no archive ".repeat(100));
      })();
      await fails((await shared()).uploadTar(folder, noArchive), "invalid-request");
    },
  },
  {
    promise: "An archive that is cut off is the caller's mistake.",
    async check({ shared, folder }) {
      const half = (async function* () {
        for await (const chunk of archive({ name: "file", content: "x".repeat(100_000) })) {
          yield chunk.subarray(0, 700);
          if (chunk.length > 700) return;
        }
      })();
      await fails((await shared()).uploadTar(folder, half), "invalid-request");
    },
  },
  {
    promise: "An archive of a tree has its bytes, modes and links.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const script = `mkdir -p ${folder}/d && cd ${folder} && printf 'a\\377' > d/file &&
        chmod 644 d/file && printf x > d/run && chmod 755 d/run && ln -s file d/link`;
      succeeded(await sh(sandbox, script));
      const found = await unpack(sandbox.downloadTar(folder, ["d"], { maxBytes: MANY_BYTES }));
      const { content, mode } = found.get("d/file") ?? {};
      assert.deepEqual([content, mode], ["a\xff", 0o644]);
      assert.equal(found.get("d/run")?.mode, 0o755);
      assert.deepEqual(
        [found.get("d/link")?.type, found.get("d/link")?.linkname],
        ["symlink", "file"],
      );
    },
  },
  {
    promise: "An archive holds only the paths that were asked for, whatever they are called.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const names = ["-rf", "a\nb", "--help", "ü €", "@x"];
      const files = [...names, "other"].map((name) => ({
        path: `${folder}/${name}`,
        data: bytes(name),
      }));
      await sandbox.writeFiles(files);
      const found = await unpack(sandbox.downloadTar(folder, names, { maxBytes: MANY_BYTES }));
      const expected = names.map((name) => Buffer.from(name).toString("latin1"));
      assert.deepEqual([...found.keys()].sort(), expected.sort());
    },
  },
  {
    promise: "Names that are no valid UTF-8 leave as they are.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const script = `mkdir -p ${folder}/odd && cd ${folder}/odd && echo x > "$(printf 'a\\377b')"`;
      succeeded(await sh(sandbox, script));
      const found = await unpack(sandbox.downloadTar(folder, ["odd"], { maxBytes: MANY_BYTES }));
      assert.ok(found.has("odd/a\xffb"), `There is ${JSON.stringify([...found.keys()])}.`);
    },
  },
  {
    promise: "Both names of a hard-linked file leave with its content.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      succeeded(await sh(sandbox, `mkdir -p ${folder} && cd ${folder} && echo x > a && ln a b`));
      const found = await unpack(sandbox.downloadTar(folder, ["a", "b"], { maxBytes: MANY_BYTES }));
      assert.deepEqual([found.get("a")?.content, found.get("b")?.content], ["x\n", "x\n"]);
    },
  },
  {
    promise: "An archive ends at its limit, and says why.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      succeeded(
        await sh(sandbox, `mkdir -p ${folder} && head -c 3000000 /dev/zero > ${folder}/big`),
      );
      const options = { maxBytes: 1024 ** 2 };
      const { bytes: came, work } = drain(sandbox.downloadTar(folder, ["big"], options));
      await fails(work, "limit-reached/archive-too-large");
      assert.ok(came() <= options.maxBytes, `${came()} bytes came.`);
    },
  },
  {
    promise: "A file that is a gigabyte of nothing leaves no further than the limit.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      succeeded(await sh(sandbox, `mkdir -p ${folder} && truncate -s 1G ${folder}/sparse`));
      const download = sandbox.downloadTar(folder, ["sparse"], { maxBytes: 1024 ** 2 });
      await fails(drain(download).work, "limit-reached/archive-too-large");
      const read = sandbox.readFile(`${folder}/sparse`, { maxBytes: 1024 ** 2 });
      await fails(read, "invalid-request/file-too-large");
      await sh(sandbox, `rm ${folder}/sparse`);
    },
  },
  {
    promise: "A path that isn't there can't be had as an archive.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const options = { maxBytes: MANY_BYTES };
      await fails(
        drain(sandbox.downloadTar("/workspace", [folder.slice(11)], options)).work,
        "invalid-request",
      );
      await fails(drain(sandbox.downloadTar(folder, ["x"], options)).work, "invalid-request");
    },
  },
  {
    promise: "A reader that stops in the middle of an archive holds nobody up.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      succeeded(
        await sh(sandbox, `mkdir -p ${folder} && head -c 20000000 /dev/zero > ${folder}/big`),
      );
      for await (const chunk of sandbox.downloadTar(folder, ["big"], { maxBytes: MANY_BYTES })) {
        assert.ok(chunk.length > 0);
        break;
      }
      const { out } = await sh(sandbox, `rm ${folder}/big; echo next`, { timeoutMs: 20_000 });
      assert.equal(out, "next\n");
    },
  },
  {
    promise: "A tree of 3,000 files makes the round trip.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const entries = Array.from({ length: 3_000 }, (_, index) => ({
        name: `d${index % 40}/f${index}`,
        content: `file ${index}\n`,
      }));
      await sandbox.uploadTar(`${folder}/many`, archive(...entries));
      const found = await unpack(sandbox.downloadTar(folder, ["many"], { maxBytes: MANY_BYTES }));
      for (const { name, content } of entries) {
        assert.equal(found.get(`many/${name}`)?.content, content);
      }
    },
  },
];

function drain(tar: AsyncIterable<Uint8Array>): { work: Promise<void>; bytes: () => number } {
  let count = 0;
  const work = (async () => {
    for await (const chunk of tar) count += chunk.length;
  })();
  return { work, bytes: () => count };
}
