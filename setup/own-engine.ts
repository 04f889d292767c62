import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../src/errors.ts";
import { trySocket } from "../src/sandbox/providers/docker/engine-socket.ts";
import { prepareCgroups } from "./cgroups.ts";
import { fetchGvisor } from "./gvisor.ts";
import { run } from "./run.ts";

const REMAPPED_USER = "dockremap";
const START_TIMEOUT_MS = 60_000;
/** Another daemon may use the same containerd. As flags, because the file knows no name for the second. */
const NAMESPACES = [
  "--containerd-namespace=dunlin",
  "--containerd-plugins-namespace=dunlin-plugins",
];

/**
 * Starts a Docker daemon that belongs to Dunlin alone and outlives the set-up: containers get no network, their root is
 * nobody on the host, gVisor is there where it can be had. Nothing of a daemon that the system has is touched.
 */
export async function startOwnEngine(
  data: string,
  socket: string,
  say: (step: string) => void,
): Promise<void> {
  const folder = join(data, "docker");
  const running = dirname(socket);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await mkdir(running, { recursive: true, mode: 0o755 });
  await prepareCgroups("/sys/fs/cgroup");
  const userNamespaces = await allowRemapping();
  say("fetching gVisor");
  const runsc = await fetchGvisor(join(data, "gvisor"));
  const config = join(data, "docker.json");
  await writeFile(
    config,
    JSON.stringify(daemonConfig({ folder, running, socket, runsc, userNamespaces }), null, 2),
  );
  say("starting the daemon");
  await launch(config, join(data, "docker.log"), socket, join(running, "docker.pid"));
}

/** Docker's own configuration file; paths are absolute. */
export function daemonConfig(options: {
  readonly folder: string;
  readonly running: string;
  readonly socket: string;
  readonly runsc: string | undefined;
  readonly userNamespaces: boolean;
}): Readonly<Record<string, unknown>> {
  return {
    "data-root": options.folder,
    "exec-root": join(options.running, "exec"),
    pidfile: join(options.running, "docker.pid"),
    hosts: [`unix://${options.socket}`],
    bridge: "none",
    iptables: false,
    ip6tables: false,
    "log-level": "warn",
    ...(options.userNamespaces ? { "userns-remap": "default" } : {}),
    ...(options.runsc === undefined
      ? {}
      : { runtimes: { runsc: { path: options.runsc, runtimeArgs: ["--network=none"] } } }),
  };
}

/** The line that gives a user 65,536 ids after all that are given away; undefined when it has some. */
export function subordinateIds(file: string, user: string): string | undefined {
  const ranges = file
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length === 3);
  if (ranges.some(([name]) => name === user)) return undefined;
  const free = Math.max(
    500_000,
    ...ranges.map(([, start, count]) => Number(start) + Number(count)),
  );
  return `${user}:${free}:65536\n`;
}

/** False where the kernel has no user namespaces. */
async function allowRemapping(): Promise<boolean> {
  const most = await readFile("/proc/sys/user/max_user_namespaces", "utf8").catch(() => "0");
  if (!existsSync("/proc/self/ns/user") || Number(most) === 0) return false;
  const passwd = await readFile("/etc/passwd", "utf8");
  if (!passwd.includes(`\n${REMAPPED_USER}:`)) {
    await run("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
      REMAPPED_USER,
    ]);
  }
  for (const path of ["/etc/subuid", "/etc/subgid"]) {
    const line = subordinateIds(await readFile(path, "utf8").catch(() => ""), REMAPPED_USER);
    if (line !== undefined) await appendFile(path, line);
  }
  return true;
}

async function launch(
  config: string,
  logFile: string,
  socket: string,
  pidFile: string,
): Promise<void> {
  // Nobody answers, so a pid in there is of a daemon that was killed.
  await rm(pidFile, { force: true });
  const log = openSync(logFile, "w", 0o600);
  const daemon = spawn("dockerd", ["--config-file", config, ...NAMESPACES], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  daemon.unref();
  const ended = new AbortController();
  daemon.once("exit", () => ended.abort());
  daemon.once("error", () => ended.abort());
  if (await answers(socket, AbortSignal.any([ended.signal, AbortSignal.timeout(START_TIMEOUT_MS)])))
    return;
  const lines = (await readFile(logFile, "utf8")).trim().split("\n").slice(-3).join("\n");
  throw new Failure(
    "invalid-request",
    "engine-start",
    `The container engine did not start. Its log (${logFile}) ends:\n${lines}\nStart an engine of your own, then try again.`,
  );
}

async function answers(socket: string, giveUp: AbortSignal): Promise<boolean> {
  while (!giveUp.aborted) {
    if ((await trySocket(socket)) === "answers") return true;
    await delay(50);
  }
  return false;
}
