import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Law } from "../law.ts";
import { ALL_BYTES, bytes, fails, sh, succeeded, text } from "../shell.ts";

/** Files by name, in and out. */
export const FILE_LAWS: readonly Law[] = [
  {
    promise: "A file comes back as it was written, byte for byte.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const data = Buffer.concat([ALL_BYTES, randomBytes(1024 ** 2)]);
      await sandbox.writeFiles([{ path: `${folder}/all`, data }]);
      const found = await sandbox.readFile(`${folder}/all`, { maxBytes: data.length });
      assert.equal(Buffer.compare(found, data), 0);
    },
  },
  {
    promise: "A file of 40 MiB comes and goes whole.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const data = Buffer.alloc(40 * 1024 ** 2, randomBytes(65_537));
      await sandbox.writeFiles([{ path: `${folder}/big`, data }]);
      const found = await sandbox.readFile(`${folder}/big`, { maxBytes: data.length });
      assert.equal(Buffer.compare(found, data), 0);
      await sh(sandbox, `rm -f ${folder}/big`);
    },
  },
  {
    promise: "An empty file is a file.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sandbox.writeFiles([{ path: `${folder}/empty`, data: new Uint8Array() }]);
      const found = await sandbox.readFile(`${folder}/empty`, { maxBytes: 0 });
      assert.equal(found.length, 0);
      succeeded(await sh(sandbox, `test -f ${folder}/empty`));
    },
  },
  {
    promise: "Folders above a written file are made, and commands can write in them.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sandbox.writeFiles([{ path: `${folder}/a/b/c/file`, data: bytes("x") }]);
      succeeded(
        await sh(sandbox, `cd ${folder}/a/b && echo y >> c/file && touch new && rm c/file`),
      );
    },
  },
  {
    promise: "A written file has the mode that was asked for, 644 by itself.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const data = bytes("#!/bin/sh\necho ran\n");
      const files = [
        { path: `${folder}/plain`, data },
        { path: `${folder}/run`, data, mode: 0o755 as const },
      ];
      await sandbox.writeFiles(files);
      const { out } = await sh(sandbox, `stat -c %a plain run; ./run`, { cwd: folder });
      assert.equal(out, "644\n755\nran\n");
    },
  },
  {
    promise: "A file that was there is replaced, its mode too.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const path = `${folder}/twice`;
      await sandbox.writeFiles([{ path, data: bytes("the longer first one"), mode: 0o755 }]);
      await sandbox.writeFiles([{ path, data: bytes("second") }]);
      assert.equal((await sh(sandbox, `cat ${path}; stat -c %a ${path}`)).out, "second644\n");
    },
  },
  {
    promise: "Names are taken as they are: spaces, line ends, quotes, dashes, other scripts.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const names = ["a b", "a\nb", "a'b\"c", "-rf", "$HOME", "*", "ü€", "..x", "a\\nb"];
      const files = names.map((name) => ({ path: `${folder}/${name}`, data: bytes(name) }));
      await sandbox.writeFiles(files);
      for (const { path, data } of files) {
        assert.equal(text(await sandbox.readFile(path, { maxBytes: 100 })), text(data));
      }
      const { out } = await sh(
        sandbox,
        `cd ${folder} && for f in * ; do printf '%s\\0' "$f"; done`,
      );
      assert.deepEqual(
        out.split("\0").filter(Boolean).sort(),
        [...names].sort().filter((n) => n[0] !== "."),
      );
    },
  },
  {
    promise: "2,000 files are written in one call.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const files = Array.from({ length: 2_000 }, (_, index) => ({
        path: `${folder}/d${index % 50}/sub${index % 7}/file-${index}`,
        data: bytes(`${index}\n`),
      }));
      await sandbox.writeFiles(files);
      const { out } = await sh(
        sandbox,
        `find ${folder} -type f | wc -l; cat ${folder}/d49/sub4/file-1999`,
      );
      assert.equal(out.replace(/ /g, ""), "2000\n1999\n");
    },
  },
  {
    promise: "A missing file, a folder, a pipe and a device are no file.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sh(sandbox, `mkdir -p ${folder} && mkfifo ${folder}/pipe`);
      for (const path of [`${folder}/none`, folder, `${folder}/pipe`, "/dev/zero"]) {
        const work = sandbox.readFile(path, { maxBytes: 100 });
        await fails(work, "invalid-request/no-such-file");
      }
    },
  },
  {
    promise: "A file is read up to the limit, and one above it is refused.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const path = `${folder}/eleven`;
      await sandbox.writeFiles([{ path, data: bytes("hello world") }]);
      assert.equal(text(await sandbox.readFile(path, { maxBytes: 11 })), "hello world");
      const work = sandbox.readFile(path, { maxBytes: 10 });
      await fails(work, "invalid-request/file-too-large");
    },
  },
  {
    promise: "Paths that are relative, lead upwards, end in a slash or hold a NUL are refused.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const bad = [
        "x",
        "../x",
        `${folder}/../x`,
        `${folder}/./x`,
        `${folder}/x/`,
        "/a\0b",
        "",
        "/",
      ];
      for (const path of bad) {
        await fails(sandbox.readFile(path, { maxBytes: 10 }), "invalid-request");
        await fails(sandbox.writeFiles([{ path, data: bytes("x") }]), "invalid-request");
      }
    },
  },
  {
    promise: "A write replaces a link at the file's place, and leaves alone what it points to.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sh(
        sandbox,
        `mkdir -p ${folder} && cd ${folder} && echo kept > target && ln -s target at`,
      );
      await sandbox.writeFiles([{ path: `${folder}/at`, data: bytes("new\n") }]);
      const { out } = await sh(sandbox, "cat target at; test -L at && echo link", { cwd: folder });
      assert.equal(out, "kept\nnew\n");
    },
  },
  {
    promise: "A write through a folder that is a link is refused.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sh(sandbox, `mkdir -p ${folder}/other && ln -s other ${folder}/way`);
      const work = sandbox.writeFiles([{ path: `${folder}/way/file`, data: bytes("x") }]);
      await fails(work, "invalid-request");
      succeeded(await sh(sandbox, `test ! -e ${folder}/other/file`));
    },
  },
  {
    promise: "A write where commands can't write fails, and says so.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const path of ["/etc/new-file", "/usr/bin/new-file", "/opt/dunlin/new-file"]) {
        await fails(sandbox.writeFiles([{ path, data: bytes("x") }]), "invalid-request");
      }
    },
  },
  {
    promise: "A file that only another user may read isn't read for the caller either.",
    async check({ shared }) {
      const work = (await shared()).readFile("/etc/shadow", { maxBytes: 100_000 });
      await fails(work, "invalid-request");
    },
  },
  {
    promise: "A file that says it has no size is read all the same.",
    async check({ shared }) {
      const found = await (await shared()).readFile("/proc/version", { maxBytes: 10_000 });
      assert.match(text(found), /^Linux version /);
    },
  },
];
