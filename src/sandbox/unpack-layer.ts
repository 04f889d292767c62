import { Failure } from "../errors.ts";
import type { ExecResult, Layer, Sandbox } from "./sandbox.ts";

/** Unpacking a large repository on a slow disk takes minutes. */
export const UNPACK_TIMEOUT_MS = 30 * 60_000;

/** Has GNU tar, and no other, read and write 256 KiB at once instead of 10: a third of the time where a call is slow. */
export const BIG_RECORDS = "export TAR_OPTIONS='-B -b 512'";

/** Most are there, and to start a program takes longer than to look. */
export const MAKE_FOLDER = '{ [ -d "$1" ] || mkdir -p -- "$1"; }';

const IN_FOLDER = `${MAKE_FOLDER} && cd -- "$1" && shift && ${BIG_RECORDS} && exec "$@"`;
const TAR = ["tar", "-x", "-f", "-"];

/** The whole program that unpacks a layer from its standard input, wherever it is started. */
export function unpackArgv({ into, unpack = TAR }: Layer): readonly string[] {
  return ["/bin/sh", "-c", IN_FOLDER, "sh", into, ...unpack];
}

/** Unpacks a layer within a sandbox: for a provider that can't show it ready-made. Throws the signal's reason. */
export async function unpackLayer(
  sandbox: Pick<Sandbox, "exec">,
  layer: Layer,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const result = await sandbox.exec(unpackArgv(layer), {
    cwd: "/",
    stdin: layer.open(),
    timeoutMs: UNPACK_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  const failure = unpackFailure(result, new TextDecoder().decode(result.stderr));
  if (failure !== undefined) throw failure;
}

/** What is wrong with how the program ended; undefined when it succeeded. */
export function unpackFailure(
  { end, exitCode }: Pick<ExecResult, "end" | "exitCode">,
  said: string,
): Failure | undefined {
  if (end === "exit" && exitCode === 0) return undefined;
  const what = "The files that the sandbox starts from could not be put in place";
  if (end === "lost") {
    return new Failure("unavailable", "sandbox-lost", `${what}: the sandbox is gone.`);
  }
  if (end !== "exit" || /No space left on device|Disk quota|Wrote only \d+ of/i.test(said)) {
    const why =
      end === "exit" ? "the workspace is full" : `they are too many or too large (${end})`;
    const message = `${what}: ${why}. Ask for a larger workspace or more memory.`;
    return new Failure("limit-reached", "workspace-full", message);
  }
  const reason = said.trim().slice(-1000) || `exit ${exitCode}`;
  return new Failure("invalid-request", "layer-not-unpacked", `${what}: ${reason}.`);
}
