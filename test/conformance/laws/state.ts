import assert from "node:assert/strict";
import { archive, layer, unpack } from "../archive.ts";
import type { Law } from "../law.ts";
import { aborted, bytes, eventually, sh, succeeded } from "../shell.ts";

/** Layers and pauses. */
export const STATE_LAWS: readonly Law[] = [
  {
    promise:
      "Layers are there from the first command on, unpacked in their order: the last one wins.",
    async check({ create }) {
      const first = await layer(
        "/workspace/d",
        { name: "both", content: "1" },
        { name: "one", content: "1" },
      );
      const second = await layer(
        "/workspace/d",
        { name: "both", content: "2" },
        { name: "two", content: "2" },
      );
      const sandbox = await create({ layers: [first, second] });
      assert.equal((await sh(sandbox, "cd d; cat both one two")).out, "212");
    },
  },
  {
    promise: "What a layer brought can be changed and deleted by commands.",
    async check({ create }) {
      const files = await layer(
        "/workspace/deep/er",
        { name: "a", content: "a" },
        { name: "b", content: "b" },
      );
      const sandbox = await create({ layers: [files] });
      succeeded(
        await sh(sandbox, "cd deep/er && echo changed > a && rm b && touch c && rm -r ../er"),
      );
    },
  },
  {
    promise: "A new sandbox's workspace is empty, whatever others left in theirs.",
    async check({ create, shared, folder }) {
      await sh(await shared(), `echo x > ${folder}`);
      assert.equal((await sh(await create(), "ls -A")).out, "");
    },
  },
  {
    promise: "A paused sandbox says so, to another process too, and resumes.",
    needs: "pause",
    async check({ create, another, labels }) {
      const sandbox = await create();
      await sandbox.pause();
      assert.equal((await sandbox.info()).state, "paused");
      const found = (await another.list(labels)).find(({ id }) => id === sandbox.id);
      assert.equal(found?.state, "paused");
      await sandbox.resume();
      assert.equal((await sandbox.info()).state, "running");
    },
  },
  {
    promise: "A pause keeps files and memory, and may be asked for twice, as may a resume.",
    needs: "pause",
    async check({ create }) {
      const sandbox = await create();
      await sh(sandbox, "echo kept > /tmp/kept; echo kept > /dev/shm/kept; echo kept > kept");
      await sandbox.pause();
      await sandbox.pause();
      await sandbox.resume();
      await sandbox.resume();
      assert.equal((await sh(sandbox, "cat /tmp/kept /dev/shm/kept kept")).out, "kept\n".repeat(3));
    },
  },
  {
    promise: "A paused sandbox uses next to no processor time.",
    needs: "pause",
    async check({ create, processorMs }) {
      const sandbox = await create();
      await sandbox.pause();
      const settled = () => new Promise((resolve) => setTimeout(resolve, 500));
      await settled();
      const before = await processorMs(sandbox.id);
      for (let wait = 0; wait < 3; wait += 1) await settled();
      const used = (await processorMs(sandbox.id)) - before;
      // A kernel of its own may have a timer left that ticks; a hundredth is what an idle one takes.
      assert.ok(used < 15, `It used ${used} ms in 1500.`);
    },
  },
  {
    promise: "Every other call on a paused sandbox resumes it first.",
    needs: "pause",
    async check({ create }) {
      const sandbox = await create();
      const calls = [
        () => sh(sandbox, "echo fine").then(({ out }) => assert.equal(out, "fine\n")),
        () => sandbox.writeFiles([{ path: "/workspace/x", data: bytes("x") }]),
        () => sandbox.readFile("/workspace/x", { maxBytes: 10 }),
        () => sandbox.uploadTar("/workspace/y", archive({ name: "z", content: "z" })),
        () => unpack(sandbox.downloadTar("/workspace", ["y"], { maxBytes: 1e6 })),
      ];
      for (const call of calls) {
        await sandbox.pause();
        await call();
        assert.equal((await sandbox.info()).state, "running");
      }
    },
  },
  {
    promise: "A pause waits for the command that runs.",
    needs: "pause",
    async check({ create }) {
      const sandbox = await create();
      const running = sh(sandbox, "sleep 0.3; echo done");
      await sandbox.pause();
      assert.equal((await running).out, "done\n");
      assert.equal((await sandbox.info()).state, "paused");
    },
  },
  {
    promise: "A paused sandbox ends with its time.",
    needs: "pause",
    async check({ create, provider, labels }) {
      const sandbox = await create();
      await sandbox.pause();
      await sandbox.extend(700);
      await aborted(sandbox.lost);
      await eventually(async () =>
        (await provider.list(labels)).every(({ id }) => id !== sandbox.id),
      );
    },
  },
  {
    promise: "A paused sandbox can be destroyed.",
    needs: "pause",
    async check({ create, provider }) {
      const sandbox = await create();
      await sandbox.pause();
      await sandbox.destroy();
      assert.equal(await provider.destroy(sandbox.id), "already-gone");
    },
  },
];
