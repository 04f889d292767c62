import { readFileSync, writeFileSync } from "node:fs";

/** How many processes the kernel has ended here for their memory; where it can't be known (gVisor), always 0. */
export function countMemoryKills(): number {
  for (const path of ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"]) {
    const count = /^oom_kill (\d+)$/m.exec(readText(path))?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the other version of cgroups, or none
  }
}

const SCORE_FILE = "/proc/self/oom_score_adj";

/**
 * Calls `start` while this process is the kernel's first choice when memory ends: a child inherits that, the guest
 * itself goes back. Else many small processes would have the guest killed, which is then the biggest.
 */
export function withSacrificedChildren<T>(start: () => T): T {
  const own = readFileSync(SCORE_FILE, "utf8");
  writeFileSync(SCORE_FILE, "1000");
  try {
    return start();
  } finally {
    writeFileSync(SCORE_FILE, own);
  }
}
