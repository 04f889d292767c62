import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The containers that were made on one engine and aren't known to be gone. What an engine has forgotten can't be asked
 * whose it is: only what is on record here is ours.
 */
export type MadeContainers = {
  add(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  ids(): Promise<readonly string[]>;
};

const CONTAINER_ID = /^[0-9a-f]{64}$/;

/** `engine` tells engines apart that share `folder`: a container that another one knows is no orphan. */
export function openMadeContainers(folder: string, engine: string): MadeContainers {
  const name = createHash("sha256").update(engine).digest("hex").slice(0, 16);
  const records = join(folder, name);
  return {
    async add(id) {
      await mkdir(records, { recursive: true, mode: 0o700 });
      await writeFile(join(records, id), "", { mode: 0o600 });
    },
    remove: (id) => rm(join(records, id), { force: true }),
    async ids() {
      const names = await readdir(records).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      });
      return names.filter((id) => CONTAINER_ID.test(id));
    },
  };
}
