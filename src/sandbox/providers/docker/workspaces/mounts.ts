import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../../errors.ts";
import { runOnHost } from "./host-program.ts";

/** The folders that are mounted over below `folder`, or at it, in the order in which they were mounted. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  return parseMounts(await readFile("/proc/self/mountinfo", "utf8")).filter(
    (path) => path === folder || path.startsWith(`${folder}/`),
  );
}

/** The mount points of a `mountinfo`, in its order. */
export function parseMounts(mountinfo: string): readonly string[] {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path !== "")
    .map((path) =>
      path.replaceAll(/\\([0-7]{3})/g, (_, octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    );
}

/** Makes a folder one that engines may bind with propagation: what is mounted below it later is seen in containers. */
export async function shareFolder(folder: string): Promise<void> {
  const isMounted = (await mountsBelow(folder)).includes(folder);
  if (!isMounted) await runOnHost("mount", ["--bind", folder, folder]);
  // Also one that was mounted before: whoever did it may have been killed before it was shared.
  await runOnHost("mount", ["--make-shared", folder]);
}

// No journal and no barriers: what a volume holds need not survive a crash of the host, and the kernel writes it to the
// disk when it has time.
const VOLUME_OPTIONS = "nosuid,nodev,noatime";

/** Mounts an image file; its loop device goes with the mount. */
export async function mountImage(image: string, at: string, access: "ro" | "rw"): Promise<void> {
  const writing = access === "rw" ? ",barrier=0,noinit_itable" : "";
  // Named, so that nobody has to look what it is.
  await runOnHost("mount", [
    "-t",
    "ext4",
    "-o",
    `loop,${access},${VOLUME_OPTIONS}${writing}`,
    image,
    at,
  ]);
}

export type Overlay = {
  /** Read-only folders, the topmost first, as paths from `cwd`: all options together fit into one page of memory. */
  readonly lowers: readonly string[];
  readonly upper: string;
  readonly work: string;
};

/**
 * Mounts one view of several folders. A renamed folder is kept as a link to where it was (`redirect_dir`); the attribute
 * is a trusted one, which no job can write.
 */
export async function mountOverlay(cwd: string, overlay: Overlay, at: string): Promise<void> {
  const features = "xino=on,redirect_dir=on,index=off,metacopy=off";
  const layers = `lowerdir=${overlay.lowers.join(":")},upperdir=${overlay.upper},workdir=${overlay.work}`;
  const options = `nosuid,nodev,noatime,${features},${layers}`;
  if (options.length >= 4096) {
    const message = "A workspace is made of too many layers. Start the run again in a new sandbox.";
    throw new Failure("limit-reached", "too-many-layers", message);
  }
  await runOnHost("mount", ["-t", "overlay", "overlay", "-o", options, at], { cwd });
}

/** Takes away the topmost mount at a folder. `busy` when something still uses it; then nothing has changed. */
export async function unmount(folder: string): Promise<"gone" | "busy"> {
  try {
    await runOnHost("umount", [folder]);
  } catch (error) {
    if (String(error).includes("target is busy")) return "busy";
    if (!/not mounted|no mount point|not found/.test(String(error))) throw error;
  }
  return "gone";
}

/**
 * Makes the file system itself read-only, wherever else it is mounted, and writes out what it still had in memory. `busy`
 * when something may still write to it.
 */
export async function freeze(folder: string): Promise<"frozen" | "busy"> {
  try {
    await runOnHost("mount", ["-o", "remount,ro", folder]);
    return "frozen";
  } catch (error) {
    if (String(error).includes("busy")) return "busy";
    throw error;
  }
}

/** Takes it out of sight at once; what still uses it keeps it until its own end. */
export async function unmountLater(folder: string): Promise<void> {
  if ((await mountsBelow(folder)).includes(folder)) await runOnHost("umount", ["--lazy", folder]);
}

/** The files that loop devices stand on, in whatever namespace they are mounted. */
export async function attachedFiles(): Promise<readonly string[]> {
  const devices = (await readdir("/sys/block")).filter((name) => name.startsWith("loop"));
  const files = devices.map((name) =>
    // One that stands on nothing has no such file.
    readFile(join("/sys/block", name, "loop/backing_file"), "utf8").catch(() => ""),
  );
  return (await Promise.all(files)).map((file) => file.trimEnd()).filter((file) => file !== "");
}
