import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { daemonConfig } from "../../setup/own-engine.ts";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";
import { docker } from "./sandbox-fixture.ts";

/** Whether a daemon of one's own can be started here. */
export const canStartEngines = process.getuid?.() === 0 && existsSync("/usr/sbin/dockerd");

const PATIENCE_MS = 300_000;

/** A container engine that belongs to one test, with an image of sandboxes, to be killed and started again. */
export type DisposableEngine = AsyncDisposable & {
  /** All that is its own lies below. */
  readonly folder: string;
  readonly env: { readonly DOCKER_HOST: string };
  readonly docker: Docker;
  /** SIGKILL to the daemon and its containerd; what their containers run lives on. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Makes a stopped engine forget a container that it had. */
  forget(id: string): Promise<void>;
  /** Command lines of what runs because of it, its own daemons left out. */
  processes(): Promise<readonly string[]>;
  /** Paths of the mounts below its folder, those left out that it has while no container runs. */
  mounts(): Promise<readonly string[]>;
};

export async function startDisposableEngine(): Promise<DisposableEngine> {
  const folder = await mkdtemp("/var/tmp/dunlin-engine-");
  await chmod(folder, 0o711); // containers' users pass through
  const socket = join(folder, "docker.sock");
  const config = await configure(folder, socket);
  const own = new Docker({ socketPath: socket });
  let daemon: ChildProcess | undefined;

  const start = async () => {
    await rm(join(folder, "docker.pid"), { force: true });
    const log = openSync(join(folder, "log"), "a");
    daemon = spawn("dockerd", ["--config-file", config, "--containerd-namespace=disposable"], {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    await until(async () => {
      if (daemon?.exitCode !== null) throw new Error(await readFile(join(folder, "log"), "utf8"));
      return own.ping().then(Boolean, () => false);
    });
  };
  const kill = async () => {
    const ended = daemon === undefined ? undefined : once(daemon, "exit");
    daemon?.kill("SIGKILL");
    await ended;
    const file = join(folder, "exec/containerd/containerd.pid");
    const pid = Number(await readFile(file, "utf8").catch(() => ""));
    if (pid > 0) signal(pid);
    await until(async () => !existsSync(`/proc/${pid}`) || pid === 0);
  };
  const engine: DisposableEngine = {
    folder,
    env: { DOCKER_HOST: `unix://${socket}` },
    docker: own,
    kill,
    start,
    async forget(id) {
      const [root = ""] = await readdir(join(folder, "data"));
      await rm(join(folder, "data", root, "containers", id), { recursive: true });
    },
    processes: async () => (await processesOf(folder)).map(({ words }) => words),
    mounts: async () =>
      (await mountsOf(folder)).filter((path) => !/\/netns\/|\/data\/[\d.]+$/.test(path)),
    async [Symbol.asyncDispose]() {
      await kill();
      for (const { pid } of await processesOf(folder)) signal(pid);
      for (const path of (await mountsOf(folder)).toReversed()) {
        await once(spawn("umount", ["--lazy", path]), "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await start();
    const { ref } = await ensureImage(docker, "node");
    const loading = await own.loadImage(await docker.getImage(ref).get());
    loading.resume();
    await once(loading, "end");
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

async function configure(folder: string, socket: string): Promise<string> {
  const { Runtimes }: { Runtimes: Record<string, { path: string }> } = await docker.info();
  const data = join(folder, "data");
  await mkdir(data, { mode: 0o711 });
  const runsc = Runtimes["runsc"]?.path;
  const options = { folder: data, running: folder, socket, runsc, userNamespaces: true };
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(daemonConfig(options)));
  return config;
}

type Process = { readonly pid: number; readonly words: string };

async function processesOf(folder: string): Promise<readonly Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = pids.map(async (pid): Promise<Process> => {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return { pid, words: text.replaceAll("\0", " ").trim() };
  });
  const isKeeper = ({ words }: Process) => /^\S*(containerd-shim|runsc|runc)/.test(words);
  return (await Promise.all(all)).filter((one) => isKeeper(one) && one.words.includes(folder));
}

async function mountsOf(folder: string): Promise<readonly string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines.map((line) => line.split(" ")[4] ?? "").filter((path) => path.startsWith(folder));
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Waits for what no event tells of. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`It is still not so: ${isSo}`);
    await delay(50);
  }
}
