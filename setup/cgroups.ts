import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/**
 * Lets a container engine limit its containers. Every ordinary machine is ready; one that is itself a container may
 * have no control groups mounted, or version 2 with nothing handed down.
 */
export async function prepareCgroups(root: string): Promise<void> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  if (!isMounted(mounts, root)) await mount(root);
  if (existsSync(join(root, "cgroup.controllers"))) await handDown(root);
}

/** Whether version 2, or version 1's device controller, is mounted at or below the folder. */
export function isMounted(mounts: string, root: string): boolean {
  return mounts.split("\n").some((line) => {
    const [, at = "", type, options = ""] = line.split(" ");
    if (type === "cgroup2") return at === root;
    return type === "cgroup" && at.startsWith(`${root}/`) && options.split(",").includes("devices");
  });
}

async function mount(root: string): Promise<void> {
  const legacy = enabledControllers(await readFile("/proc/cgroups", "utf8").catch(() => ""));
  if (legacy.length === 0) {
    await run("mount", ["-t", "cgroup2", "none", root]);
    return;
  }
  await run("mount", ["-t", "tmpfs", "-o", "mode=755", "none", root]);
  for (const controller of legacy) {
    await mkdir(join(root, controller));
    await run("mount", ["-t", "cgroup", "-o", controller, "none", join(root, controller)]);
  }
}

/** The version 1 controllers that a kernel offers: those bound to a hierarchy of their own or to none but version 1. */
export function enabledControllers(procCgroups: string): readonly string[] {
  return procCgroups.split("\n").flatMap((line) => {
    const [name = "", hierarchy, , enabled] = line.split(/\s+/);
    return enabled === "1" && hierarchy !== "0" ? [name] : [];
  });
}

/** Below the real root of version 2, a group with processes of its own can't give controllers to its children. */
async function handDown(root: string): Promise<void> {
  if (!existsSync(join(root, "cgroup.type"))) return;
  const offered = (await readFile(join(root, "cgroup.controllers"), "utf8")).trim();
  const given = (await readFile(join(root, "cgroup.subtree_control"), "utf8")).trim();
  if (offered === given) return;
  await mkdir(join(root, "init"), { recursive: true });
  for (const pid of (await readFile(join(root, "cgroup.procs"), "utf8")).trim().split("\n")) {
    // A process may be gone by now, and a kernel's own can't be moved.
    await writeFile(join(root, "init/cgroup.procs"), pid).catch(() => {});
  }
  const wanted = offered.split(" ").map((controller) => `+${controller}`);
  await writeFile(join(root, "cgroup.subtree_control"), wanted.join(" "));
}
