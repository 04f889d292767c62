import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";

const FILES = [
  "kernel/core_pattern",
  "kernel/modprobe",
  "kernel/hostname",
  "kernel/domainname",
  "kernel/panic",
  "kernel/sysrq",
  "kernel/randomize_va_space",
  "kernel/kptr_restrict",
  "kernel/dmesg_restrict",
  "vm/overcommit_memory",
  "net/ipv4/ip_forward",
  "fs/protected_hardlinks",
  "fs/protected_symlinks",
].map((name) => `/proc/sys/${name}`);
const MOST_DRIFT_MS = 2000;

export type Settings = {
  readonly values: ReadonlyMap<string, string>;
  /** How far the clock is from one that nobody can set. */
  readonly clockMs: number;
  /** One sentence for each setting that was another one then. */
  differences(before: Settings): readonly string[];
};

/** Settings of the host's kernel that nothing else changes while sandboxes run. */
export async function readSettings(): Promise<Settings> {
  const values = new Map<string, string>();
  for (const file of FILES) values.set(file, await readFile(file, "utf8").catch(() => "missing"));
  const clockMs = Date.now() - performance.now();
  return {
    values,
    clockMs,
    differences(before) {
      const changed = FILES.filter((file) => values.get(file) !== before.values.get(file));
      const sentences = changed.map((file) => `${file} is now ${values.get(file)?.trim()}`);
      const moved = Math.abs(clockMs - before.clockMs) > MOST_DRIFT_MS;
      return moved ? [...sentences, "The host's clock was set"] : sentences;
    },
  };
}
