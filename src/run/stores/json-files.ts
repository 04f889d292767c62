import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The ones that were used longest ago make room. */
const MOST = 1_000;

/**
 * One small file for each key in `folder`, readable by its owner only. Any number of processes may use it at once.
 * `read` throws for what isn't of its kind; that is then as if it weren't there.
 */
export function createJsonFiles<Saved>(
  folder: string,
  read: (json: unknown) => Saved,
): {
  get(key: string): Promise<Saved | undefined>;
  put(key: string, saved: Saved): Promise<void>;
} {
  const pathOf = (key: string) => join(folder, key.replaceAll(/[^\w]/g, "_"));
  return {
    async get(key) {
      const path = pathOf(key);
      try {
        const saved = read(JSON.parse(await readFile(path, "utf8")));
        const now = new Date();
        await utimes(path, now, now);
        return saved;
      } catch {
        return undefined; // missing, or of another version: it is made once more
      }
    },
    async put(key, saved) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const fresh = join(folder, `new-${crypto.randomUUID()}`);
      await writeFile(fresh, JSON.stringify(saved), { mode: 0o600 });
      await rename(fresh, pathOf(key));
      await forgetOldest(folder);
    },
  };
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST) return;
  const found = names.map(async (name) => {
    const about = await stat(join(folder, name)).catch(() => undefined);
    return { name, usedAtMs: about?.mtimeMs ?? 0 };
  });
  const oldest = (await Promise.all(found)).toSorted((a, b) => a.usedAtMs - b.usedAtMs);
  for (const { name } of oldest.slice(0, names.length - MOST)) {
    await rm(join(folder, name), { force: true });
  }
}
