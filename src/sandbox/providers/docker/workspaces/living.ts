import { readFile } from "node:fs/promises";
import { z } from "zod";
import { once } from "../../once.ts";

/** A process, so that no later one with the same number is taken for it. */
export const ProcessName = z.object({
  pid: z.number(),
  /** When it began, in the kernel's ticks since the host's start. */
  startedAt: z.string(),
  /** Of the host's start. */
  boot: z.string(),
});
export type ProcessName = z.infer<typeof ProcessName>;

export const nameThisProcess = once(async (): Promise<ProcessName> => {
  const startedAt = await startOf(process.pid);
  return { pid: process.pid, startedAt: startedAt ?? "", boot: await bootId() };
});

export async function isLiving({ pid, startedAt, boot }: ProcessName): Promise<boolean> {
  return boot === (await bootId()) && (await startOf(pid)) === startedAt;
}

/** What was written before the host's last start and not to the disk is lost. */
export async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The program's name stands in brackets and may hold anything; the start is the 22nd field.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined; // there is no such process
  }
}
