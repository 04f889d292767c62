import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Takes away the mounts whose path goes through a folder of this name, the innermost first. */
export async function unmountBelow(name: string): Promise<void> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => ""); // no Linux
  for (const path of mountsBelow(mounts, name).toReversed()) {
    await promisify(execFile)("umount", ["--lazy", "--", path]);
  }
}

/** In the order in which they were made. */
export function mountsBelow(mountinfo: string, name: string): readonly string[] {
  return mountinfo
    .split("\n")
    .map((line) => unescapeOctal(line.split(" ")[4] ?? ""))
    .filter((path) => path.split("/").includes(name));
}

/** The kernel writes spaces and the like as `\040`. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
