import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** Marks a file or folder as used just now. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/** Removes what was used least recently, beyond the `count` newest. What runs has links of its own. */
export async function keepNewest(folder: string, count: number): Promise<void> {
  const names = await readdir(folder);
  const dated = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return { name, usedAtMs: found?.mtimeMs ?? 0 };
    }),
  );
  const oldest = dated.sort((a, b) => b.usedAtMs - a.usedAtMs).slice(count);
  for (const { name } of oldest) await rm(join(folder, name), { recursive: true, force: true });
}
