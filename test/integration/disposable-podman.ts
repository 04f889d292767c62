import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import Docker from "dockerode";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";
import { until } from "./disposable-engine.ts";
import { docker } from "./sandbox-fixture.ts";

/** runc, because crun refuses the control groups of machines that have both versions of them. */
const NEEDED = ["podman", "conmon", "catatonit", "runc"];

/** What is missing for a Podman of a test's own; undefined when nothing is. */
export function whyNoPodman(): string | undefined {
  if (process.getuid?.() !== 0) return "it needs root";
  const missing = NEEDED.filter((name) => pathOf(name) === undefined);
  return missing.length === 0 ? undefined : `it needs ${missing.join(", ")}`;
}

function pathOf(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

export type DisposablePodman = AsyncDisposable & { readonly host: string };

/** A Podman with a store of its own, answering on a socket of its own, with an image of sandboxes. */
export async function startDisposablePodman(): Promise<DisposablePodman> {
  const folder = await mkdtemp("/var/tmp/dunlin-podman-");
  const socket = join(folder, "podman.sock");
  const env = {
    ...process.env,
    TMPDIR: join(folder, "tmp"),
    CONTAINERS_CONF: await configure(folder),
  };
  const places = [
    ...["--root", join(folder, "root"), "--runroot", join(folder, "run")],
    ...["--tmpdir", join(folder, "tmp")],
  ];
  const serve = ["system", "service", "--time=0", `unix://${socket}`];
  const service = spawn("podman", [...places, ...serve], { env, stdio: "ignore" });
  const ended = once(service, "exit");
  const podman = new Docker({ socketPath: socket });
  const stop = async () => {
    const reset = spawn("podman", [...places, "system", "reset", "--force"], {
      env,
      stdio: "ignore",
    });
    await once(reset, "exit");
    service.kill("SIGTERM");
    await ended;
    await unmountBelow(folder);
    await removeEmptyGroups();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(() => podman.ping().then(Boolean, () => false));
    await load(podman);
    return { host: `unix://${socket}`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Podman wants to raise the number of processes to a million, which takes a right that root lacks in some machines. */
async function configure(folder: string): Promise<string> {
  await mkdir(join(folder, "tmp"));
  const runtime = join(folder, "runc");
  await writeFile(
    runtime,
    `#!/bin/sh
number='"hard":[0-9]*,"soft":[0-9]*'
last=
for word in "$@"; do
  [ "$last" != --bundle ] || sed -i "s/\\"RLIMIT_NPROC\\",$number/\\"RLIMIT_NPROC\\",\\"hard\\":4096,\\"soft\\":4096/" "$word/config.json"
  last=$word
done
exec ${pathOf("runc")} "$@"
`,
    { mode: 0o755 },
  );
  const config = join(folder, "containers.conf");
  await writeFile(
    config,
    `[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[engine.runtimes]\nrunc = ["${runtime}"]\n`,
  );
  return config;
}

/** The image that Docker has, under the name by which it is looked for. */
async function load(podman: Docker): Promise<void> {
  const { ref } = await ensureImage(docker, "node");
  const loading = await podman.loadImage(await docker.getImage(ref).get());
  loading.resume();
  await once(loading, "end");
  const [repo = "", tag = ""] = ref.split(":");
  await podman.getImage(`localhost/${ref}`).tag({ repo: `docker.io/${repo}`, tag });
}

async function unmountBelow(folder: string): Promise<void> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const paths = lines.map((line) => line.split(" ")[4] ?? "");
  for (const path of paths.filter((path) => path.startsWith(folder)).toReversed()) {
    await once(spawn("umount", ["--lazy", path]), "exit");
  }
}

/** Podman leaves its group of groups; one that somebody else's containers are in can't be removed. */
async function removeEmptyGroups(): Promise<void> {
  const top = "/sys/fs/cgroup";
  const folders = [top, ...(await readdir(top)).map((name) => join(top, name))];
  const groups = folders.map((folder) => join(folder, "libpod_parent"));
  for (const group of groups.flatMap((parent) => [join(parent, "conmon"), parent])) {
    await rmdir(group).catch(() => {});
  }
}
