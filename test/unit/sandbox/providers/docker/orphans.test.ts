import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mountsBelow } from "../../../../../src/sandbox/providers/docker/lost-mounts.ts";
import { openMadeContainers } from "../../../../../src/sandbox/providers/docker/made-containers.ts";
import { processesOf } from "../../../../../src/sandbox/providers/docker/orphans.ts";

const ID = "ab".repeat(32);
const OTHER = "cd".repeat(32);

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "orphans-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function addProcess(
  pid: number,
  argv: readonly string[],
  cgroup = "0::/",
  state = "S",
): Promise<void> {
  await mkdir(join(folder, `${pid}`));
  await writeFile(join(folder, `${pid}/cmdline`), argv.map((arg) => `${arg}\0`).join(""));
  await writeFile(join(folder, `${pid}/cgroup`), `${cgroup}\n`);
  await writeFile(join(folder, `${pid}/stat`), `${pid} (a) Z) x) ${state} 1 1`);
}

test("a container's processes are those in its control group and those that keep it", async () => {
  await addProcess(1, ["sleep", "9"], `12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}`);
  await addProcess(2, ["node"], `0::/system.slice/docker-${ID}.scope/jobs`);
  await addProcess(3, ["/usr/bin/containerd-shim-runc-v2", "-namespace", "dunlin", "-id", ID]);
  await addProcess(4, ["runsc-sandbox", `--log=/run/x/${ID}/log.json`, "boot", ID]);
  await addProcess(5, ["runsc-gofer", `--bundle=/run/x/${ID}`]);
  await addProcess(6, ["/usr/bin/conmon", "-c", ID], `0::/libpod-conmon-${ID}.scope`);
  expect((await processesOf(ID, folder)).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
});

test("nobody else's process is taken for one of them", async () => {
  await addProcess(1, ["sleep", "9"], `0::/docker/${OTHER}`);
  await addProcess(2, ["docker", "logs", ID]);
  await addProcess(3, ["grep", "-r", ID, "/var/lib"]);
  await addProcess(4, ["containerd-shim-runc-v2", "-namespace", "moby", "-id", OTHER]);
  await addProcess(5, ["runsc-sandbox", "boot", `${ID}0`]);
  await addProcess(6, ["runsc-sandbox", "boot", ID.slice(0, 12)]);
  await addProcess(7, ["sh"], `0::/docker/x${ID}`);
  await addProcess(8, [], `0::/docker/${ID}`, "Z"); // dead: only its parent can take note of it
  await mkdir(join(folder, "9")); // gone while it was being looked at
  expect(await processesOf(ID, folder)).toEqual([]);
});

test("mounts are found by a whole folder name in their path, however it is written", () => {
  const line = (path: string) => `36 35 98:0 / ${path} rw,noatime - ext4 /dev/root rw`;
  const paths = [`/run/${ID}/rootfs`, `/run/x${ID}`, `/a\\040b/${ID}`, `/run/${OTHER}`];
  expect(mountsBelow(`${paths.map(line).join("\n")}\n`, ID)).toEqual([
    `/run/${ID}/rootfs`,
    `/a b/${ID}`,
  ]);
});

test("containers are on record for the engine that made them, until they are gone", async () => {
  const made = openMadeContainers(folder, "unix:///run/a.sock /var/lib/a");
  expect(await made.ids()).toEqual([]);
  await made.add(ID);
  await made.add(OTHER);
  await made.remove(OTHER);
  await made.remove(OTHER);
  expect(await made.ids()).toEqual([ID]);
  expect(await openMadeContainers(folder, "unix:///run/b.sock /var/lib/b").ids()).toEqual([]);
});
