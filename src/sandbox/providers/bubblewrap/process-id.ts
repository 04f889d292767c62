import { readFile } from "node:fs/promises";
import { z } from "zod";

/** One process of this boot: a number alone is given to another process sooner or later. */
export type ProcessId = z.output<typeof ProcessId>;
export const ProcessId = z.strictObject({
  pid: z.int().positive(),
  /** In the kernel's ticks since the boot. */
  startedAt: z.string().regex(/^\d+$/),
  boot: z.string().min(1),
});

/** Undefined when no such process lives. */
export async function identifyProcess(pid: number): Promise<ProcessId | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in brackets, may hold anything; the state and the time of the start are the 3rd and 22nd field.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = fields[18];
  if (startedAt === undefined || state === "Z" || state === "X") return undefined;
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return { pid, startedAt, boot };
}

export async function isAlive(known: ProcessId): Promise<boolean> {
  const found = await identifyProcess(known.pid);
  return found?.startedAt === known.startedAt && found.boot === known.boot;
}
