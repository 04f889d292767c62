import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { OutputChunk } from "../../../src/sandbox/sandbox.ts";
import type { Law } from "../law.ts";
import { ALL_BYTES, bytes, PATIENCE_MS, sh, text } from "../shell.ts";

const MIB = 1024 ** 2;

/** What a command says, and what the caller hears of it. */
export const OUTPUT_LAWS: readonly Law[] = [
  {
    promise: "Output and error output are kept apart.",
    async check({ shared }) {
      const { out, err } = await sh(await shared(), "echo a; echo b >&2; echo c; echo d >&2");
      assert.deepEqual([out, err], ["a\nc\n", "b\nd\n"]);
    },
  },
  {
    promise: "Every byte value comes out as it went, on both streams.",
    async check({ shared }) {
      const sandbox = await shared();
      const argv = ["/bin/sh", "-c", "tee /dev/stderr", "sh"];
      const result = await sandbox.exec(argv, { stdin: ALL_BYTES, timeoutMs: PATIENCE_MS });
      assert.deepEqual(new Uint8Array(result.stdout), ALL_BYTES);
      assert.deepEqual(new Uint8Array(result.stderr), ALL_BYTES);
    },
  },
  {
    promise: "A character that is written in two halves comes out whole.",
    async check({ shared }) {
      const script = `printf '\\342\\202'; sleep 0.1; printf '\\254'`;
      assert.equal((await sh(await shared(), script)).out, "€");
    },
  },
  {
    promise: "`/dev/stdout` and `/dev/stderr` can be opened by name.",
    async check({ shared }) {
      const script = "echo out > /dev/stdout; echo err | tee /dev/stderr > /dev/null";
      const { out, err } = await sh(await shared(), script);
      assert.deepEqual([out, err], ["out\n", "err\n"]);
    },
  },
  {
    promise: "The listener sees every byte of each stream, in order.",
    async check({ shared }) {
      const seen: OutputChunk[] = [];
      const options = { onOutput: (chunk: OutputChunk) => void seen.push(chunk) };
      const { out, err } = await sh(await shared(), "seq 5000; seq 5000 >&2; echo end", options);
      const of = (fd: 1 | 2) =>
        text(Buffer.concat(seen.filter((chunk) => chunk.fd === fd).map(({ data }) => data)));
      assert.deepEqual([of(1), of(2)], [out, err]);
      assert.ok(out.startsWith("1\n2\n") && out.endsWith("5000\nend\n"), "The output is odd.");
    },
  },
  {
    promise: "The listener hears of output while the command runs, so that it can answer.",
    async check({ shared }) {
      const heard = Promise.withResolvers<void>();
      const stdin = (async function* () {
        await heard.promise;
        yield bytes("yes\n");
      })();
      const script = `echo 'go on?'; read answer; echo "$answer"`;
      const result = await sh(await shared(), script, {
        stdin,
        timeoutMs: 10_000,
        onOutput: () => heard.resolve(),
      });
      heard.resolve();
      assert.deepEqual([result.end, result.out], ["exit", "go on?\nyes\n"]);
    },
  },
  {
    promise: "A command is held back while its listener is busy.",
    async check({ shared }) {
      let isFirst = true;
      const script = `date +%s%N >&2; head -c ${8 * MIB} /dev/zero; date +%s%N >&2`;
      const { err } = await sh(await shared(), script, {
        onOutput: async ({ fd }) => {
          if (fd === 2 || !isFirst) return;
          isFirst = false;
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        },
      });
      const [before = 0n, after = 0n] = err.trim().split("\n").map(BigInt);
      const ms = Number(after - before) / 1e6;
      assert.ok(ms > 900, `8 MiB went out in ${ms} ms, while the listener was busy for 1000.`);
    },
  },
  {
    promise: "A listener that fails ends the command, and the caller gets its error.",
    async check({ shared }) {
      const sandbox = await shared();
      const onOutput = () => {
        throw new RangeError("the listener broke");
      };
      const work = sh(sandbox, "echo x; sleep 300", { onOutput });
      await assert.rejects(work, { name: "RangeError" });
      assert.equal((await sh(sandbox, "echo next")).out, "next\n");
    },
  },
  {
    promise: "Of a long output the first and the last part are kept, and the rest is counted.",
    async check({ shared }) {
      const script = `echo first; head -c ${MIB} /dev/zero; echo last`;
      const result = await sh(await shared(), script, { maxOutputBytes: 1_000 });
      assert.equal(result.out.length, 1_000);
      assert.ok(result.out.startsWith("first\n"), "The beginning is missing.");
      assert.ok(result.out.endsWith("last\n"), "The end is missing.");
      assert.equal(result.droppedBytes, MIB + 11 - 1_000);
    },
  },
  {
    promise: "An output that just fits is kept whole, each stream for itself.",
    async check({ shared }) {
      const script = `printf '%01000d' 7; printf '%01000d' 8 >&2`;
      const result = await sh(await shared(), script, { maxOutputBytes: 1_000 });
      const { out, err, droppedBytes } = result;
      assert.deepEqual([out.length, err.length, droppedBytes], [1_000, 1_000, 0]);
    },
  },
  {
    promise: "A command that never stops talking is killed at the limit.",
    async check({ shared }) {
      const limits = { killAfterOutputBytes: 2 * MIB, maxOutputBytes: 1_000, timeoutMs: 30_000 };
      const result = await sh(await shared(), "yes; echo survived >&2", limits);
      assert.deepEqual([result.end, result.exitCode, result.err], ["killed", null, ""]);
      assert.ok(result.droppedBytes >= MIB, "It was killed before the limit.");
    },
  },
  {
    promise: "Both streams count for that limit together.",
    async check({ shared }) {
      const limits = { killAfterOutputBytes: 2 * MIB, maxOutputBytes: 1_000, timeoutMs: 30_000 };
      const script = `head -c 1500000 /dev/zero; head -c 1500000 /dev/zero >&2; sleep 300`;
      assert.equal((await sh(await shared(), script, limits)).end, "killed");
    },
  },
  {
    promise: "All output comes, however quickly the command is gone after it.",
    async check({ shared }) {
      const sandbox = await shared();
      for (let round = 0; round < 5; round += 1) {
        const result = await sh(sandbox, "head -c 300000 /dev/zero; kill -9 $$");
        assert.deepEqual([result.end, result.out.length], ["signal", 300_000]);
      }
    },
  },
  {
    promise: "An output without bytes is empty, and nothing is said to be dropped.",
    async check({ shared }) {
      const { out, err, droppedBytes } = await sh(await shared(), "true");
      assert.deepEqual([out, err, droppedBytes], ["", "", 0]);
    },
  },
  {
    promise: "An output of 96 MiB passes through in less than 48 MiB of memory.",
    async check({ shared }) {
      const collect = garbageCollector();
      collect();
      const before = process.memoryUsage().arrayBuffers;
      let seen = 0;
      let peak = 0;
      const { end } = await sh(await shared(), `head -c ${96 * MIB} /dev/zero`, {
        killAfterOutputBytes: Number.POSITIVE_INFINITY,
        onOutput: ({ data }) => {
          const isMark =
            Math.floor(seen / (16 * MIB)) < Math.floor((seen + data.length) / (16 * MIB));
          seen += data.length;
          if (!isMark) return;
          collect();
          peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
        },
      });
      assert.deepEqual([end, seen], ["exit", 96 * MIB]);
      assert.ok(peak < 48 * MIB, `${Math.round(peak / MIB)} MiB were in use.`);
    },
  },
];

/** Without it, what nobody needs any more would be counted too. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
