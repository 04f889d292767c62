import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../src/errors.ts";
import type { ExecOptions, ExecResult, Sandbox } from "../../src/sandbox/sandbox.ts";
import { noState } from "./no-state.ts";

const MiB = 1 << 20;

/**
 * Runs commands on this machine in temporary folders: in every argument and variable `/workspace` and `/tmp` are
 * replaced by them. Isolates nothing; it is for programs that the tests themselves wrote.
 */
export async function createLocalSandbox(): Promise<Sandbox & { readonly folder: string }> {
  const root = await mkdtemp(join(tmpdir(), "local-sandbox-"));
  for (const name of ["workspace", "tmp", "home"]) await mkdir(join(root, name));
  const place = (text: string) =>
    text.replace(/(^|[^\w./])\/(workspace|tmp)(?![\w-])/g, `$1${root}/$2`);
  const lost = new AbortController();
  const exec = (argv: readonly string[], options: ExecOptions) =>
    run(argv.map(place), {
      ...options,
      signal: AbortSignal.any([lost.signal, ...(options.signal ? [options.signal] : [])]),
      cwd: place(options.cwd ?? "/workspace"),
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        HOME: join(root, "home"),
        ...Object.fromEntries(
          Object.entries(options.env ?? {}).map(([name, value]) => [name, place(value)]),
        ),
      },
    });
  const destroy = async () => {
    lost.abort();
    await rm(root, { recursive: true, force: true });
  };
  return {
    folder: join(root, "workspace"),
    id: root,
    isolation: {
      provider: "local",
      runtime: "none",
      userNamespace: false,
      weak: true,
      imageDigest: "",
      networkMode: "none",
    },
    ...noState,
    exec,
    async readFile(path, { maxBytes }) {
      const found = await stat(place(path)).catch(() => undefined);
      if (!found?.isFile()) {
        throw new Failure("invalid-request", "no-such-file", `There is no file ${path}.`);
      }
      if (found.size > maxBytes) {
        throw new Failure("invalid-request", "file-too-large", `${path} is too large.`);
      }
      return readFile(place(path));
    },
    async writeFiles(files) {
      for (const { path, data, mode } of files) {
        await mkdir(dirname(place(path)), { recursive: true });
        await writeFile(place(path), data);
        await chmod(place(path), mode ?? 0o644);
      }
    },
    async uploadTar(folder, tar) {
      const result = await exec(["tar", "-xf", "-", "-C", folder], {
        stdin: tar,
        timeoutMs: 60_000,
      });
      if (result.exitCode !== 0) throw new Error(Buffer.from(result.stderr).toString());
    },
    async *downloadTar(folder, paths) {
      const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(""));
      const chunks: Uint8Array[] = [];
      await exec(["tar", "-cf", "-", "-C", place(folder), "--null", "-T", "-"], {
        stdin,
        timeoutMs: 60_000,
        onOutput: ({ fd, data }) => void (fd === 1 && chunks.push(data)),
      });
      yield* chunks;
    },
    setEgress: async () => {},
    refusals: [],
    lost: lost.signal,
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

type Running = ExecOptions & { readonly cwd: string; readonly env: Record<string, string> };

async function run(argv: readonly string[], options: Running): Promise<ExecResult> {
  const [program = "", ...args] = argv;
  const { cwd, env } = options;
  const child = spawn(program, args, { cwd, env, stdio: "pipe", detached: true });
  let end: ExecResult["end"] = "exit";
  const stop = (reason: ExecResult["end"]) => {
    end = reason;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const timer = setTimeout(() => stop("timeout"), options.timeoutMs);
  const onAbort = () => stop("killed");
  options.signal?.addEventListener("abort", onAbort);
  if (options.signal?.aborted) onAbort();
  const stdin = options.stdin ?? new Uint8Array();
  const input = stdin instanceof Uint8Array ? [stdin] : stdin;
  const feeding = pipeline(Readable.from(input), child.stdin).catch((error: { code?: string }) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
  let total = 0;
  const collect = async (fd: 1 | 2, stream: Readable) => {
    const kept: Uint8Array[] = [];
    let bytes = 0;
    for await (const data of stream as AsyncIterable<Buffer>) {
      total += data.length;
      if (total > (options.killAfterOutputBytes ?? 64 * MiB) && end === "exit") stop("killed");
      if (bytes < (options.maxOutputBytes ?? MiB)) kept.push(data);
      bytes += data.length;
      await options.onOutput?.({ fd, data });
    }
    return Buffer.concat(kept).subarray(0, options.maxOutputBytes ?? MiB);
  };
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("error", () => resolve({ code: 127, signal: null }));
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  try {
    const [stdout, stderr] = await Promise.all([
      collect(1, child.stdout),
      collect(2, child.stderr),
    ]);
    const { code, signal } = await exit;
    await feeding;
    const ended = end === "exit" && signal !== null ? "signal" : end;
    return {
      end: ended,
      exitCode: ended === "exit" ? code : null,
      signal: ended === "signal" ? signal : null,
      stdout,
      stderr,
      droppedBytes: 0,
      durationMs: 0,
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}
