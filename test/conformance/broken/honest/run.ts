import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readdirSync, readlinkSync, statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { Failure } from "../../../../src/errors.ts";
import { makePipes } from "../../../../src/sandbox/guest/pipes.ts";
import type { ExecOptions, ExecResult } from "../../../../src/sandbox/sandbox.ts";
import { createCapture } from "../../../../src/sandbox/wire-host/capture.ts";
import { PLACES } from "./engine.ts";

/** Where a command of the honest provider runs: a folder of this machine, as this process's own user. */
export type Ground = { readonly root: string; readonly lost: AbortSignal };

const LIMIT = { output: 1024 ** 2, kill: 64 * 1024 ** 2 };

/** In place of the sandbox's folders those of the ground; nothing else of a text is changed. */
export function placed(text: string, { root }: Pick<Ground, "root">): string {
  return text.replace(
    /(^|[^\w./])(\/workspace|\/tmp|\/home\/job|\/dev\/shm)(?![\w-])/g,
    (_, before: string, place: keyof typeof PLACES) => `${before}${root}/${PLACES[place]}`,
  );
}

/** Runs one program and ends all that it started. */
export async function run(
  ground: Ground,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  check(ground, argv, options);
  const startedAt = performance.now();
  const command = new Command(ground, options);
  const end = await command.start(argv.map((text) => placed(text, ground)));
  return { ...end, ...command.output(), durationMs: performance.now() - startedAt };
}

class Command {
  readonly #ground: Ground;
  readonly #options: ExecOptions;
  readonly #stdout;
  readonly #stderr;
  #stopped: "timeout" | "killed" | "lost" | undefined;
  #failure: { readonly error: unknown } | undefined;
  #bytes = 0;

  constructor(ground: Ground, options: ExecOptions) {
    this.#ground = ground;
    this.#options = options;
    this.#stdout = createCapture(options.maxOutputBytes ?? LIMIT.output);
    this.#stderr = createCapture(options.maxOutputBytes ?? LIMIT.output);
  }

  async start(argv: readonly string[]): Promise<Pick<ExecResult, "end" | "exitCode" | "signal">> {
    const { lost } = this.#ground;
    const { signal, timeoutMs, stdin } = this.#options;
    const { child, out, err } = this.#spawn(argv);
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.on("exit", (code, name) => resolve({ code, signal: name }));
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.#add(2, Buffer.from(`${argv[0]}: not found or not allowed\n`));
        resolve({ code: error.code === "EACCES" ? 126 : 127, signal: null });
      });
    });
    const stops = [
      [AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1)), () => this.#stop("timeout", child)],
      [signal, () => this.#stop("killed", child)],
      [lost, () => this.#stop("lost", child)],
    ] as const;
    for (const [when, stop] of stops) {
      when?.addEventListener("abort", stop);
      if (when?.aborted) stop();
    }
    if (stdin !== undefined && child.stdin !== null) void this.#feed(stdin, child.stdin, child);
    const reading = Promise.all([this.#read(1, out, child), this.#read(2, err, child)]);
    const { code, signal: name } = await exit;
    child.stdin?.destroy();
    await sweep(this.#ground, child, argv.join().includes("setsid"));
    await reading;
    for (const [when, stop] of stops) when?.removeEventListener("abort", stop);
    if (this.#failure !== undefined) throw this.#failure.error;
    const end = this.#stopped ?? (name === null ? "exit" : "signal");
    return {
      end,
      exitCode: end === "exit" ? code : null,
      signal: end === "signal" ? name : null,
    };
  }

  output(): Pick<ExecResult, "stdout" | "stderr" | "droppedBytes"> {
    return {
      stdout: this.#stdout.bytes(),
      stderr: this.#stderr.bytes(),
      droppedBytes: this.#stdout.droppedBytes + this.#stderr.droppedBytes,
    };
  }

  #spawn(argv: readonly string[]): { child: ChildProcess; out: Readable; err: Readable } {
    const [program = "", ...args] = argv;
    const { cwd = "/workspace", env = {}, stdin } = this.#options;
    const ground = this.#ground;
    const place = {
      cwd: placed(cwd, ground),
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: `${ground.root}/home`, ...env },
      detached: true,
    };
    const input = stdin === undefined ? "ignore" : "pipe";
    try {
      if (!argv.join().includes("/dev/std")) {
        const child = spawn(program, args, { ...place, stdio: [input, "pipe", "pipe"] });
        const { stdout: out, stderr: err } = child;
        if (out === null || err === null) throw new Error("The command has no output.");
        return { child, out, err };
      }
      // Node's own pipes are sockets, which nobody can open by name.
      const { now: pipes } = makePipes(`${ground.root}/pipes-${performance.now()}`);
      const [out, err] = [pipes.output(), pipes.errors()];
      const stdio = [input, out.theirs, err.theirs] as const;
      const child: ChildProcess = spawn(program, args, { ...place, stdio: [...stdio] });
      for (const { theirs } of [out, err]) closeSync(theirs);
      return { child, out: out.ours, err: err.ours };
    } catch (error) {
      const message = "The command is too long; write the long part to a file.";
      throw new Failure("invalid-request", "argument-too-long", message, { cause: error });
    }
  }

  async #feed(
    stdin: Uint8Array | AsyncIterable<Uint8Array>,
    input: Writable,
    child: ChildProcess,
  ): Promise<void> {
    const isClosed = new Promise<void>((resolve) => {
      input.on("error", () => input.destroy()).on("close", () => resolve());
    });
    try {
      for await (const chunk of stdin instanceof Uint8Array ? [stdin] : stdin) {
        if (input.destroyed) return;
        if (input.write(chunk)) continue;
        const isDrained = new Promise<void>((resolve) => input.once("drain", () => resolve()));
        await Promise.race([isDrained, isClosed]);
      }
      input.end();
    } catch (error) {
      this.#fail(error, child);
    }
  }

  async #read(fd: 1 | 2, source: Readable, child: ChildProcess): Promise<void> {
    for await (const data of source as AsyncIterable<Buffer>) {
      this.#add(fd, data);
      if (this.#bytes > (this.#options.killAfterOutputBytes ?? LIMIT.kill)) {
        this.#stop("killed", child);
      }
      try {
        await this.#options.onOutput?.({ fd, data });
      } catch (error) {
        this.#fail(error, child);
      }
    }
  }

  #add(fd: 1 | 2, data: Buffer): void {
    (fd === 1 ? this.#stdout : this.#stderr).add(unplaced(data, this.#ground));
    this.#bytes += data.length;
  }

  #fail(error: unknown, child: ChildProcess): void {
    this.#failure ??= { error };
    this.#stop("killed", child);
  }

  #stop(why: "timeout" | "killed" | "lost", { pid }: ChildProcess): void {
    this.#stopped ??= why;
    if (pid !== undefined) kill(-pid);
  }
}

function check(ground: Ground, argv: readonly string[], options: ExecOptions): void {
  const { cwd = "/workspace", env = {}, timeoutMs } = options;
  const texts = [...argv, cwd, ...Object.entries(env).flat()];
  const problems = [
    (argv[0] ?? "") === "" && "There is no program to run.",
    texts.some((text) => text.includes("\0")) && "There is a NUL byte.",
    Object.keys(env).some((name) => name === "" || name.includes("=")) && "A name is no name.",
    !cwd.startsWith("/") && "The folder is relative.",
    !(timeoutMs > 0) && "There is no time to run in.",
  ].filter((problem) => problem !== false);
  const found = () => statSync(placed(cwd, ground), { throwIfNoEntry: false });
  if (problems.length === 0 && !found()?.isDirectory()) problems.push(`${cwd} is no folder.`);
  if (problems.length === 0) return;
  throw new Failure("invalid-request", "bad-command", problems.join(" "));
}

/** Ends what is left of a command; where there may be daemons, all that stands in the ground. */
async function sweep({ root }: Ground, { pid }: ChildProcess, hasDaemons: boolean): Promise<void> {
  if (pid !== undefined) kill(-pid);
  while (hasDaemons) {
    const left = readdirSync("/proc").filter((name) => standsIn(name, root));
    if (left.length === 0) return;
    for (const one of left) kill(Number(one));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function standsIn(pid: string, root: string): boolean {
  try {
    return /^\d/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(root);
  } catch {
    return false; // it is gone
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was gone before.
  }
}

function unplaced(data: Buffer, { root }: Pick<Ground, "root">): Buffer {
  if (!data.includes(root)) return data;
  let text = data.toString("latin1");
  for (const [place, name] of Object.entries(PLACES)) {
    text = text.replaceAll(`${root}/${name}`, place);
  }
  return Buffer.from(text, "latin1");
}
