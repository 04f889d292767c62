import { answered } from "./honest/egress.ts";
import { commands, type Lies, options, results, scripts } from "./lie.ts";

/** What a command started is not swept up: its process seems to be still there. */
const leavesDaemons = results((_, argv) =>
  argv[2]?.includes("is left") ? { stdout: Buffer.from("4711 is left\n1 were there\n") } : {},
);

export const END_LIES: Lies = {
  "Exit codes from 0 to 255 are given as they are.": results(({ exitCode }) => ({
    exitCode: exitCode === null ? null : exitCode % 128,
  })),
  "A missing program ends with 127, and says which.": results(({ exitCode }) =>
    exitCode === 127 ? { stderr: new Uint8Array() } : {},
  ),
  "A file that can't be run ends with 126.": results(({ exitCode }) => ({
    exitCode: exitCode === 126 ? 127 : exitCode,
  })),
  "A command that dies of a signal says which, and has no exit code.": results(({ end, signal }) =>
    // As a shell says it.
    end === "signal"
      ? { end: "exit", signal: null, exitCode: signal === "SIGKILL" ? 137 : 139 }
      : {},
  ),
  "A command whose time is over ends as `timeout`, with the output that it had.": results(
    ({ end, stdout }) => (end === "timeout" ? { stdout: stdout.subarray(0, 0) } : {}),
  ),
  "A timeout ends all that the command started, daemons with its output in hand included.":
    leavesDaemons,
  "A command's own end ends its daemons too, and isn't held up by those that have its output.":
    results(({ end }, argv) =>
      argv[2]?.includes("setsid") && end === "exit" ? { end: "timeout", exitCode: null } : {},
    ),
  "A daemon that let go of its output, its parent and its session is gone with its command.":
    leavesDaemons,
  "A command that its caller had given up before it began never runs.": commands(
    (exec, argv, { signal, ...given }) => exec(argv, given),
  ),
  "A command that its caller gives up ends as `killed`, with its output and without its daemons.":
    leavesDaemons,
  "A command that waits for its turn ends at once when given up, and never runs.": commands(
    async (exec, argv, given) => {
      const result = await exec(argv, given);
      if (argv[2]?.startsWith("mkdir")) void exec(argv, { timeoutMs: given.timeoutMs });
      return result;
    },
  ),
  "Commands take turns, in the order in which they were asked for.": scripts((script) =>
    script.replace(/^cat (\S+)/, "LC_ALL=C sort -r $1"),
  ),
  "The duration is that of the command.": results(() => ({ durationMs: 0 })),
  "A command starts with the usual reactions to signals: it ignores none.": scripts(
    (script) => `trap "" INT; ${script}`,
  ),
};

export const OUTPUT_LIES: Lies = {
  "Output and error output are kept apart.": results(({ stdout, stderr }) => ({
    stdout: Buffer.concat([stdout, stderr]),
    stderr: new Uint8Array(),
  })),
  "Every byte value comes out as it went, on both streams.": results(({ stdout }) => ({
    stdout: Buffer.from(Buffer.from(stdout).toString("utf8")),
  })),
  "A character that is written in two halves comes out whole.": commands(
    async (exec, argv, given) => {
      // Each piece is read as text by itself.
      let said = "";
      const onOutput = ({ data }: { data: Uint8Array }) => {
        said += Buffer.from(data).toString("utf8");
      };
      return { ...(await exec(argv, { ...given, onOutput })), stdout: Buffer.from(said) };
    },
  ),
  "`/dev/stdout` and `/dev/stderr` can be opened by name.": results((_, argv) =>
    argv[2]?.includes("/dev/std")
      ? answered("", { stderr: Buffer.from("sh: cannot create\n") })
      : {},
  ),
  "The listener sees every byte of each stream, in order.": options(({ onOutput }) => {
    let isFirst = true;
    if (onOutput === undefined) return {};
    return {
      onOutput: (chunk) => {
        if (!isFirst) return onOutput(chunk);
        isFirst = false;
        return onOutput({ ...chunk, data: chunk.data.subarray(1) });
      },
    };
  }),
  "The listener hears of output while the command runs, so that it can answer.": commands(
    async (exec, argv, { onOutput, stdin, ...given }) => {
      // Only at the end; input that never came can't be waited for.
      const result = await exec(argv, given);
      await onOutput?.({ fd: 1, data: result.stdout });
      return result;
    },
  ),
  "A command is held back while its listener is busy.": results(({ stderr }) =>
    // What the clock says when nobody waited for anybody.
    stderr.length > 30 ? { stderr: Buffer.from("1000000000\n1010000000\n") } : {},
  ),
  "A listener that fails ends the command, and the caller gets its error.": commands(
    (exec, argv, given) =>
      exec(argv, given).catch((error: unknown) => {
        if (error instanceof RangeError) return answered("x\n", { end: "killed" });
        throw error;
      }),
  ),
  "Of a long output the first and the last part are kept, and the rest is counted.": commands(
    async (exec, argv, { maxOutputBytes = 1e9, ...given }) => {
      const result = await exec(argv, { ...given, maxOutputBytes: 1e9 });
      const droppedBytes = Math.max(0, result.stdout.length - maxOutputBytes);
      return { ...result, stdout: result.stdout.subarray(0, maxOutputBytes), droppedBytes };
    },
  ),
  "An output that just fits is kept whole, each stream for itself.": options(
    ({ maxOutputBytes = 1e9 }) => ({ maxOutputBytes: maxOutputBytes - 1 }),
  ),
  "A command that never stops talking is killed at the limit.": results(({ end }) =>
    end === "killed" ? { end: "timeout" } : {},
  ),
  "Both streams count for that limit together.": options(({ killAfterOutputBytes, timeoutMs }) => ({
    killAfterOutputBytes: 2 * (killAfterOutputBytes ?? 0),
    timeoutMs: Math.min(timeoutMs, 500),
  })),
  "All output comes, however quickly the command is gone after it.": results(({ end, stdout }) =>
    end === "signal" ? { stdout: stdout.subarray(0, 262_144) } : {},
  ),
  "An output without bytes is empty, and nothing is said to be dropped.": results(
    ({ droppedBytes }) => ({ droppedBytes: droppedBytes + 1 }),
  ),
  "An output of 96 MiB passes through in less than 48 MiB of memory.": options(({ onOutput }) => {
    const all: Uint8Array[] = [];
    return {
      onOutput: (chunk) => {
        all.push(chunk.data);
        return onOutput?.(chunk);
      },
    };
  }),
};
