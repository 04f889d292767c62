import { Failure } from "../../../src/errors.ts";
import { CANARY } from "../canary.ts";
import { text } from "../shell.ts";
import { answered } from "./honest/egress.ts";
import { commands, type Lies, options, results, scripts } from "./lie.ts";

/** Anything that should be refused is taken and ends well. */
const takesAll = commands((exec, argv, given) =>
  exec(argv, given).catch((error: unknown) => {
    if (error instanceof Failure) return answered("");
    throw error;
  }),
);

const drained = async (source: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of source) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(parts);
};

let kept: Readonly<Record<string, string>> = {};

export const COMMAND_LIES: Lies = {
  "Arguments arrive byte for byte: quotes, line ends, dollars, empty ones.": commands(
    (exec, argv, given) =>
      exec(
        argv.map((one, index) => (index > 3 ? one.trim() : one)),
        given,
      ),
  ),
  "An argument of 100,000 bytes arrives whole or is refused, and is never cut.": commands(
    (exec, argv, given) =>
      exec(
        argv.map((one) => one.slice(0, 65_536)),
        given,
      ),
  ),
  "An argument that is too long is refused, and the sandbox goes on.": takesAll,
  "A NUL byte in an argument, a folder or a variable is refused.": commands((exec, argv, given) => {
    const cut = (one: string) => one.replace(/\0.*/s, "");
    const { env = {}, ...rest } = given;
    return exec(argv.map(cut), {
      ...rest,
      ...(rest.cwd === undefined ? {} : { cwd: cut(rest.cwd) }),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, cut(value)])),
    });
  }),
  "A command without a program is refused.": takesAll,
  "A time of nothing, or less, is refused.": options(({ timeoutMs }) => ({
    timeoutMs: timeoutMs > 0 ? timeoutMs : 60_000,
  })),
  "Values of variables arrive byte for byte.": options(({ env = {} }) => ({
    env: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replaceAll("\n", " ")]),
    ),
  })),
  "A variable whose name is empty or has an equals sign is refused.": takesAll,
  "A variable that a caller sets holds for that command only.": options(({ env }) => {
    kept = { ...kept, ...env };
    return { env: kept };
  }),
  "A command's environment is small, and nothing of the host's.": options(({ env }) => ({
    env: { ...env, LEAKED: CANARY },
  })),
  "A command runs in the workspace unless told otherwise.": options(({ cwd }) => ({
    cwd: cwd ?? "/tmp",
  })),
  "A command runs in the folder that its caller names, also one that only its own user may enter.":
    options(() => ({ cwd: "/workspace" })),
  "A folder that isn't there, or is a file, is the caller's mistake.": takesAll,
  "A relative folder is refused.": takesAll,
  "What one command writes, the next one reads: in the workspace, in /tmp and at home.": scripts(
    (script) => `rm -rf /tmp/*; ${script}`,
  ),
  "Input arrives byte for byte, and its end with it.": options(({ stdin }) =>
    // As text, which not all of it is.
    stdin instanceof Uint8Array ? { stdin: Buffer.from(text(stdin)) } : {},
  ),
  "Input that comes in pieces arrives in their order.": commands(async (exec, argv, given) => {
    if (given.stdin === undefined || given.stdin instanceof Uint8Array) return exec(argv, given);
    const all = await drained(given.stdin, 1e9);
    return exec(argv, {
      ...given,
      stdin: Buffer.concat([all.subarray(100), all.subarray(0, 100)]),
    });
  }),
  "A command that was given no input finds its end at once.": options(({ stdin }) => ({
    stdin: stdin ?? Buffer.from("terminal"),
  })),
  "A command that leaves its input unread ends all the same.": results((_, __, { stdin }) =>
    stdin === undefined ? {} : { end: "timeout", exitCode: null },
  ),
  "Input is taken from its source only as fast as the command reads it.": commands(
    async (exec, argv, given) => {
      if (given.stdin === undefined || given.stdin instanceof Uint8Array) return exec(argv, given);
      return exec(argv, { ...given, stdin: await drained(given.stdin, 16 * 1024 ** 2) });
    },
  ),
  "When the source of the input fails, the command is ended and the caller gets that error.":
    commands((exec, argv, given) =>
      exec(argv, given).catch((error: unknown) => {
        if (error instanceof RangeError) return answered("", { end: "killed" });
        throw error;
      }),
    ),
  "A command has no terminal.": results((_, argv) =>
    argv[2]?.includes("/dev/tty") ? { stdout: Buffer.from("terminal 1\n") } : {},
  ),
  "A command inherits no descriptor but its own three.": results((_, argv) =>
    argv[2]?.includes("/proc/self/fd") ? { stdout: Buffer.from("7\n") } : {},
  ),
};
