import { Readable } from "node:stream";
import { pack as createPack } from "tar-stream";
import { Failure } from "../../errors.ts";
import type { ExecOptions, ExecResult, FileWrite } from "../sandbox.ts";
import { BIG_RECORDS, MAKE_FOLDER } from "../unpack-layer.ts";

/** Runs one of our own programs in the sandbox, as the user that commands run as. */
export type RunTool = (
  argv: readonly string[],
  options: Omit<ExecOptions, "timeoutMs">,
) => Promise<ExecResult>;

// Everything here runs as the job's own user: root would follow a job's link to wherever it points.
const EXIT_NO_FILE = 44;
const EXIT_LINK = 45;

const READ = `[ -f "$1" ] || exit ${EXIT_NO_FILE}; exec head -c "$2" -- "$1"`;
const WRITE = `links=$(find "$@" -maxdepth 0 -type l 2>/dev/null)
[ -z "$links" ] || { echo "$links" >&2; exit ${EXIT_LINK}; }
exec tar -x -f - -C /`;
const UNPACK = `${MAKE_FOLDER} && ${BIG_RECORDS} && exec tar -x -f - -C "$1"`;

/** Paths given to one process; the whole request has to fit into a frame. */
const MAX_PATHS_BYTES = 32 * 1024;

export async function readFile(run: RunTool, path: string, maxBytes: number): Promise<Uint8Array> {
  checkPath(path);
  const result = await run(["/bin/sh", "-c", READ, "sh", path, String(maxBytes + 1)], {
    maxOutputBytes: maxBytes + 64 * 1024,
    killAfterOutputBytes: Number.POSITIVE_INFINITY,
  });
  if (result.end === "exit" && result.exitCode === EXIT_NO_FILE) {
    throw new Failure("invalid-request", "no-such-file", `${path} is no file in the sandbox.`);
  }
  checkResult(result, `${path} could not be read`);
  if (result.stdout.length <= maxBytes) return result.stdout;
  throw new Failure(
    "invalid-request",
    "file-too-large",
    `${path} is larger than ${maxBytes} bytes; read a part of it with a command.`,
  );
}

/** Never writes through a link: one at a file's own path is replaced, one on the way to it is an error. */
export async function writeFiles(run: RunTool, files: readonly FileWrite[]): Promise<void> {
  for (const file of files) checkPath(file.path);
  for (const batch of batches(files)) {
    const folders = [...new Set(batch.flatMap((file) => foldersAbove(file.path)))];
    const result = await run(["/bin/sh", "-c", WRITE, "sh", ...folders], { stdin: packed(batch) });
    if (result.end === "exit" && result.exitCode === EXIT_LINK) {
      const link = new TextDecoder().decode(result.stderr).trim();
      throw new Failure(
        "invalid-request",
        "path-through-link",
        `${link} is a link; write to the path that it points to instead.`,
      );
    }
    checkResult(result, "The files could not be written");
  }
}

export async function uploadTar(
  run: RunTool,
  folder: string,
  tar: AsyncIterable<Uint8Array>,
): Promise<void> {
  checkPath(folder);
  const result = await run(["/bin/sh", "-c", UNPACK, "sh", folder], { stdin: tar });
  checkResult(result, `The archive could not be unpacked into ${folder}`);
}

export async function* downloadTar(
  run: RunTool,
  folder: string,
  paths: readonly string[],
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  checkPath(folder);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  let bytes = 0;
  const running = run(
    ["/bin/tar", "-c", "-f", "-", "-C", folder, "--hard-dereference", "--null", "-T", "-"],
    {
      stdin: new TextEncoder().encode(paths.map((path) => `${path}\0`).join("")),
      killAfterOutputBytes: Number.POSITIVE_INFINITY,
      maxOutputBytes: 16 * 1024,
      onOutput: async ({ fd, data }) => {
        if (fd === 2) return;
        bytes += data.length;
        if (bytes > maxBytes) throw archiveTooLarge(folder, maxBytes);
        await writer.write(data);
      },
    },
  );
  const closing = running.then(
    () => writer.close(),
    (error: unknown) => writer.abort(error),
  );
  closing.catch(() => {}); // the reader has left, or gets the error from the stream itself
  yield* readable.values();
  checkResult(await running, `The archive of ${folder} could not be made`);
}

function archiveTooLarge(folder: string, maxBytes: number): Failure {
  return new Failure(
    "limit-reached",
    "archive-too-large",
    `What was wanted from ${folder} is larger than ${maxBytes} bytes; leave generated files out.`,
  );
}

function checkPath(path: string): void {
  const names = path.slice(1).split("/");
  const isClean = path.startsWith("/") && !names.some((name) => /^\.{0,2}$/.test(name));
  if (isClean && !path.includes("\0")) return;
  throw new Failure(
    "invalid-request",
    "bad-path",
    `Give ${JSON.stringify(path)} as an absolute path without '.', '..' or a slash at its end.`,
  );
}

/** `/a` and `/a/b` for `/a/b/c`. */
function foldersAbove(path: string): readonly string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}

function* batches(files: readonly FileWrite[]): Generator<readonly FileWrite[]> {
  let batch: FileWrite[] = [];
  let bytes = 0;
  for (const file of files) {
    const size = foldersAbove(file.path).join(" ").length;
    if (bytes + size > MAX_PATHS_BYTES && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function packed(files: readonly FileWrite[]): AsyncIterable<Uint8Array> {
  const pack = createPack();
  for (const { path, data, mode } of files) {
    pack.entry({ name: path.slice(1), mode: mode ?? 0o644 }, Buffer.from(data));
  }
  pack.finalize();
  return Readable.from(pack);
}

function checkResult(result: ExecResult, what: string): void {
  if (result.end === "exit" && result.exitCode === 0) return;
  if (result.end === "lost") {
    throw new Failure("unavailable", "sandbox-lost", `${what}: the sandbox is gone.`);
  }
  if (result.end === "oom") {
    throw new Failure("limit-reached", "out-of-memory", `${what}: the sandbox is out of memory.`);
  }
  if (result.end !== "exit") {
    throw new Failure("unavailable", "file-access-stopped", `${what}: it ended by ${result.end}.`);
  }
  const said = new TextDecoder().decode(result.stderr).trim().slice(0, 1000);
  if (/No space left on device|Wrote only \d+ of \d+ bytes/.test(said)) {
    throw new Failure("limit-reached", "workspace-full", `${what}: the workspace is full.`);
  }
  const code = said.includes("No such file or directory") ? "no-such-file" : "file-access-failed";
  throw new Failure("invalid-request", code, `${what}: ${said || `exit ${result.exitCode}`}.`);
}
