import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { Law } from "../law.ts";
import { PATIENCE_MS, sh, succeeded, text } from "../shell.ts";

const DEAF = `trap "" TERM HUP INT; echo $$ >> "$1"; while :; do sleep 5; done`;

/** How commands end, and what is left of them then. */
export const END_LAWS: readonly Law[] = [
  {
    promise: "Exit codes from 0 to 255 are given as they are.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const code of [0, 1, 2, 64, 125, 126, 127, 128, 130, 137, 143, 254, 255]) {
        const { end, exitCode, signal } = await sh(sandbox, `exit ${code}`);
        assert.deepEqual({ end, exitCode, signal }, { end: "exit", exitCode: code, signal: null });
      }
    },
  },
  {
    promise: "A missing program ends with 127, and says which.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const program of ["no-such-program", "/no/such/program"]) {
        const result = await sandbox.exec([program], { timeoutMs: PATIENCE_MS });
        assert.deepEqual([result.end, result.exitCode], ["exit", 127]);
        assert.match(text(result.stderr), /no-such-program|no\/such\/program/);
      }
    },
  },
  {
    promise: "A file that can't be run ends with 126.",
    async check({ shared }) {
      const result = await (await shared()).exec(["/etc/passwd"], { timeoutMs: PATIENCE_MS });
      assert.deepEqual([result.end, result.exitCode], ["exit", 126]);
    },
  },
  {
    promise: "A command that dies of a signal says which, and has no exit code.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const name of ["SEGV", "KILL", "TERM", "ABRT"]) {
        const { end, exitCode, signal } = await sh(sandbox, `kill -${name} $$; sleep 5`);
        const expected = { end: "signal", exitCode: null, signal: `SIG${name}` };
        assert.deepEqual({ end, exitCode, signal }, expected);
      }
    },
  },
  {
    promise: "A command whose time is over ends as `timeout`, with the output that it had.",
    async check({ shared }) {
      const result = await sh(await shared(), "echo early; sleep 300; echo late", {
        timeoutMs: 700,
      });
      assert.deepEqual([result.end, result.exitCode, result.out], ["timeout", null, "early\n"]);
    },
  },
  {
    promise:
      "A timeout ends all that the command started, daemons with its output in hand included.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const script = `mkdir -p ${folder}; setsid sh -c '${DEAF}' deaf ${folder}/pids &
        sh -c '${DEAF}' deaf ${folder}/pids`;
      const result = await sh(sandbox, script, { timeoutMs: 1_000 });
      assert.equal(result.end, "timeout");
      await nobodyLeft(sandbox, `${folder}/pids`);
    },
  },
  {
    promise:
      "A command's own end ends its daemons too, and isn't held up by those that have its output.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const wait = `while [ ! -s ${folder}/pids ]; do sleep 0.01; done`;
      const daemon = `setsid sh -c '${DEAF}' deaf ${folder}/pids &`;
      const script = `mkdir -p ${folder}; ${daemon} ${wait}; echo up`;
      const result = await sh(sandbox, script, { timeoutMs: 20_000 });
      assert.deepEqual([result.end, result.out], ["exit", "up\n"]);
      await nobodyLeft(sandbox, `${folder}/pids`);
    },
  },
  {
    promise:
      "A daemon that let go of its output, its parent and its session is gone with its command.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const wait = `while [ ! -s ${folder}/pids ]; do sleep 0.01; done`;
      const daemon = `(setsid sh -c '${DEAF}' deaf ${folder}/pids < /dev/null > /dev/null 2>&1 &) &`;
      succeeded(await sh(sandbox, `mkdir -p ${folder}; ${daemon} ${wait}`));
      await nobodyLeft(sandbox, `${folder}/pids`);
    },
  },
  {
    promise: "A command that its caller had given up before it began never runs.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const result = await sh(sandbox, `mkdir ${folder}`, { signal: AbortSignal.abort() });
      assert.deepEqual([result.end, result.exitCode, result.out], ["killed", null, ""]);
      assert.equal((await sh(sandbox, `test -e ${folder}`)).exitCode, 1);
    },
  },
  {
    promise:
      "A command that its caller gives up ends as `killed`, with its output and without its daemons.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const control = new AbortController();
      const script = `mkdir -p ${folder}; setsid sh -c '${DEAF}' deaf ${folder}/pids &
        while [ ! -s ${folder}/pids ]; do sleep 0.01; done; echo up; sleep 300`;
      const options = { signal: control.signal, onOutput: () => control.abort() };
      const result = await sh(sandbox, script, options);
      assert.deepEqual([result.end, result.exitCode, result.out], ["killed", null, "up\n"]);
      await nobodyLeft(sandbox, `${folder}/pids`);
    },
  },
  {
    promise: "A command that waits for its turn ends at once when given up, and never runs.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const first = new AbortController();
      const running = sh(sandbox, "sleep 300", { signal: first.signal });
      const second = new AbortController();
      const waiting = sh(sandbox, `mkdir ${folder}`, { signal: second.signal });
      second.abort();
      assert.equal((await waiting).end, "killed");
      first.abort();
      assert.equal((await running).end, "killed");
      assert.equal((await sh(sandbox, `test -e ${folder}`)).exitCode, 1);
    },
  },
  {
    promise: "Commands take turns, in the order in which they were asked for.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sh(sandbox, `mkdir ${folder}`);
      const log = `${folder}/turns`;
      const step = (name: number) =>
        sh(sandbox, `echo ${name} >> ${log}; sleep 0.03; echo ${name} >> ${log}`);
      await Promise.all([1, 2, 3, 4].map(step));
      assert.equal((await sh(sandbox, `cat ${log} | tr '\\n' ' '`)).out, "1 1 2 2 3 3 4 4 ");
    },
  },
  {
    promise: "The duration is that of the command.",
    async check({ shared }) {
      const sandbox = await shared();
      const startedAt = performance.now();
      const { durationMs } = await sandbox.exec(["sleep", "0.3"], { timeoutMs: PATIENCE_MS });
      const passed = performance.now() - startedAt;
      assert.ok(durationMs >= 290, `It says ${durationMs} ms of a command that took 300.`);
      assert.ok(durationMs <= passed + 1, `It says ${durationMs} ms of the ${passed} that passed.`);
    },
  },
  {
    promise: "A command starts with the usual reactions to signals: it ignores none.",
    async check({ shared }) {
      const { out } = await sh(await shared(), "yes 2>&1 | head -n 1; kill -INT $$; echo ignored");
      assert.equal(out, "y\n");
    },
  },
];

/** None of the processes that wrote their numbers into the file is left. */
async function nobodyLeft(sandbox: Sandbox, file: string): Promise<void> {
  // A dead process that nobody has waited for has no program any more.
  const script = `n=0; while read pid; do n=$((n+1)); [ -e /proc/$pid/exe ] && echo $pid is left
    done < ${file}; [ $n -gt 0 ] && echo $n were there`;
  assert.match((await sh(sandbox, script)).out, /^\d were there\n$/);
}
