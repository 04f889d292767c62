import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SavedInstall, SavedInstalls } from "../saved-installs.ts";

/** The ones that were used longest ago make room. */
const MOST = 1_000;

const Saved = z.strictObject({
  installedAtMs: z.number(),
  dependencies: z
    .strictObject({
      digest: z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]),
      bytes: z.number(),
      paths: z.array(z.string()),
    })
    .optional(),
  findings: z.array(z.string()),
  refusals: z.array(
    z.strictObject({
      host: z.string(),
      port: z.number(),
      reason: z.string(),
      command: z.string(),
      count: z.number(),
    }),
  ),
});

/** One small file for each in `folder`, readable by its owner only. Any number of processes may use it at once. */
export function createInstallFiles(folder: string): SavedInstalls {
  const pathOf = (key: string) => join(folder, key.replaceAll(/[^\w]/g, "_"));
  return {
    async get(key) {
      const path = pathOf(key);
      try {
        const saved = Saved.parse(JSON.parse(await readFile(path, "utf8")));
        const now = new Date();
        await utimes(path, now, now);
        const { dependencies, ...rest } = saved;
        return dependencies === undefined ? rest : { ...rest, dependencies };
      } catch {
        return undefined; // missing, or of another version: it is installed once more
      }
    },
    async put(key, install: SavedInstall) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const fresh = join(folder, `new-${crypto.randomUUID()}`);
      await writeFile(fresh, JSON.stringify(install), { mode: 0o600 });
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
