import assert from "node:assert/strict";
import type { Sandbox, SandboxLimits } from "../../../src/sandbox/sandbox.ts";
import type { Law } from "../law.ts";
import { bytes, fails, findsNothing, PATIENCE_MS, probe, sh } from "../shell.ts";

const TIGHT: SandboxLimits = { cpus: 1, memoryMiB: 128, pids: 48, workspaceMiB: 16 };

/** Each block is another one, so that none is shared with the next. */
export const HOG = "perl -e 'push @kept, chr(65 + @kept % 26) x 2**24 while 1'";
export const MANY_HOGS = `for i in 1 2 3 4 5 6 7 8; do
  perl -e '$kept = chr(64 + shift) x 40_000_000; sleep 100' $i &
done; sleep 100`;
export const COUNT_STARTED = `i=0; (while [ $i -lt 200 ]; do sleep 20 > /dev/null & i=$((i+1)); echo $i; done) 2>/dev/null | tail -n 1`;
export const BOMB = "bomb() { bomb | bomb & }; bomb; sleep 100";
export const FILL = `head -c 100M /dev/zero > /workspace/fill; stat -c %s /workspace/fill`;
export const FILL_OTHERS = `for folder in /tmp "$HOME" /dev/shm; do
  head -c 300M /dev/zero > $folder/fill 2>/dev/null && echo $folder has no end; rm -f $folder/fill
done`;
export const FILL_UP = "head -c 100M /dev/zero > /workspace/fill 2>/dev/null; true";
export const BURN =
  "(timeout 2 sh -c 'while :; do :; done' & timeout 2 sh -c 'while :; do :; done'; wait)";
export const COUNT_INODES = "stat -f -c %c /workspace";

/** What a sandbox can use up, and that its end is never silence. */
export const LIMIT_LAWS: readonly Law[] = [
  {
    promise: "A command that takes more than all memory ends as `oom`.",
    needs: "a limit on memory",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const result = await probe(sandbox, HOG, { timeoutMs: 50_000 });
      assert.deepEqual([result.end, result.exitCode, result.signal], ["oom", null, null]);
      await answersOrIsLost(sandbox);
    },
  },
  {
    promise:
      "Many processes that take all memory together end as one that does, or with their time.",
    needs: "a limit on memory",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const { end } = await probe(sandbox, MANY_HOGS, { timeoutMs: 6_000 });
      assert.ok(["oom", "timeout", "lost"].includes(end), `It ended as ${end}.`);
      await answersOrIsLost(sandbox);
    },
  },
  {
    promise: "No more processes can be started than allowed.",
    needs: "a limit on processes",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const { out } = await probe(sandbox, COUNT_STARTED);
      assert.ok(Number(out) <= TIGHT.pids, `${out.trim()} were started, ${TIGHT.pids} allowed.`);
    },
  },
  {
    promise: "A fork bomb ends with its time or with the sandbox, and is never silence.",
    needs: "a limit on processes",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const { end } = await probe(sandbox, BOMB, { timeoutMs: 2_000 });
      assert.ok(["exit", "timeout", "oom", "lost"].includes(end), `It ended as ${end}.`);
      await answersOrIsLost(sandbox);
    },
  },
  {
    promise: "A sandbox at its limits doesn't keep its neighbour from working.",
    needs: "a limit on processes",
    async check({ create, shared }) {
      const [neighbour, sandbox] = [await shared(), await create({ limits: TIGHT })];
      const bombing = probe(sandbox, BOMB, { timeoutMs: 3_000 });
      const { out } = await sh(neighbour, "for i in $(seq 60); do sleep 0 & done; wait; echo fine");
      assert.equal(out, "fine\n");
      await bombing;
    },
  },
  {
    promise: "A sandbox takes no more processors than it was given.",
    needs: "a limit on processors",
    async check({ create, processorMs }) {
      const sandbox = await create({ limits: { ...TIGHT, cpus: 0.5 } });
      const startedAt = performance.now();
      const before = await processorMs(sandbox.id);
      await probe(sandbox, BURN);
      const used = (await processorMs(sandbox.id)) - before;
      const passed = performance.now() - startedAt;
      assert.ok(used < passed * 0.5 * 1.3 + 100, `It took ${used} ms in ${passed} ms.`);
    },
  },
  {
    promise: "The workspace holds no more than allowed: a command that writes on finds no space.",
    needs: "a limit on the workspace",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const { out, err } = await probe(sandbox, FILL);
      assert.match(err, /No space left|quota exceeded/i);
      const written = Number(out);
      const allowed = TIGHT.workspaceMiB * 1024 ** 2;
      assert.ok(written <= allowed && written > allowed * 0.7, `${written} bytes were written.`);
    },
  },
  {
    promise: "A file that doesn't fit into the workspace is refused with that reason.",
    needs: "a limit on the workspace",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      const files = [{ path: "/workspace/big", data: new Uint8Array(20 * 1024 ** 2) }];
      await fails(sandbox.writeFiles(files), "limit-reached");
      await probe(sandbox, "rm -f /workspace/big");
      await sandbox.writeFiles([{ path: "/workspace/small", data: bytes("x") }]);
    },
  },
  {
    promise: "No other place that commands can write to is without end.",
    needs: "a limit on the workspace",
    async check({ create }) {
      await findsNothing(await create({ limits: TIGHT }), FILL_OTHERS);
    },
  },
  {
    promise: "A full workspace can be read and made empty again.",
    needs: "a limit on the workspace",
    async check({ create }) {
      const sandbox = await create({ limits: TIGHT });
      await sandbox.writeFiles([{ path: "/workspace/kept", data: bytes("kept") }]);
      await probe(sandbox, FILL_UP);
      const found = await sandbox.readFile("/workspace/kept", { maxBytes: 10 });
      assert.deepEqual(new Uint8Array(found), bytes("kept"));
      await probe(sandbox, "rm /workspace/fill");
      await sandbox.writeFiles([{ path: "/workspace/new", data: new Uint8Array(1024 ** 2) }]);
    },
  },
  {
    promise: "The number of files has an end, empty ones included.",
    needs: "the host's kernel",
    async check({ shared }) {
      const { out } = await probe(await shared(), COUNT_INODES);
      const inodes = Number(out);
      assert.ok(inodes > 0 && inodes <= 4_000_000, `There are ${out.trim()} to be had.`);
    },
  },
  {
    promise: "Open files and the size of a file have an end, and no core is dumped.",
    async check({ shared }) {
      const script = `[ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -le 65536 ] || echo open files: $(ulimit -Hn)
        [ "$(ulimit -Hf)" != unlimited ] || echo file size: unlimited
        [ "$(ulimit -Hc)" = 0 ] || echo core: $(ulimit -Hc)`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "A command can't raise its own limits.",
    async check({ shared }) {
      const script = `(ulimit -Hc 1000) 2>/dev/null && echo cores
        (ulimit -Hn 1000000) 2>/dev/null && echo open files
        (ulimit -f unlimited) 2>/dev/null && echo size of files`;
      await findsNothing(await shared(), script);
    },
  },
];

/** Either is an answer; a promise that nobody ever settles is none. */
async function answersOrIsLost(sandbox: Sandbox): Promise<void> {
  const { end, out } = await sh(sandbox, "echo alive", { timeoutMs: PATIENCE_MS });
  if (end === "exit") assert.equal(out, "alive\n");
  else assert.ok(end === "oom" || end === "lost", `Afterwards a command ended as ${end}.`);
}
