import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../../../errors.ts";
import { Group } from "./control-groups.ts";
import { ProcessId } from "./process-id.ts";

/** What is known of a sandbox beyond the life of the process that made it. Written before anything else is made. */
export type SandboxRecord = z.output<typeof SandboxRecord>;
const SandboxRecord = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  labels: z.record(z.string(), z.string()).readonly(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  /** The Dunlin that made it; the sandbox ends with it. */
  owner: ProcessId,
  /** Process 1 of the sandbox, once it has started: with it, all of them end. */
  init: ProcessId.optional(),
  groups: z.array(Group).readonly(),
});

/** A folder with one file a sandbox. */
export type Records = {
  write(record: SandboxRecord): Promise<void>;
  /** Undefined when there is none. Throws `unavailable/sandbox-record-unreadable`. */
  read(id: string): Promise<SandboxRecord | undefined>;
  /** Throws `unavailable/sandbox-record-unreadable`: a sandbox that isn't listed would never be removed. */
  all(): Promise<readonly SandboxRecord[]>;
  forget(id: string): Promise<void>;
};

export function createRecords(folder: string): Records {
  const pathOf = (id: string) => join(folder, `${id}.json`);

  async function read(id: string): Promise<SandboxRecord | undefined> {
    const path = pathOf(id);
    try {
      return SandboxRecord.parse(JSON.parse(await readFile(path, "utf8")));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw new Failure(
        "unavailable",
        "sandbox-record-unreadable",
        `The record of a sandbox can't be read: ${path}. Look for processes of bwrap that belong to no Dunlin, end them, then delete the file.`,
        { cause },
      );
    }
  }

  return {
    read,
    async write(record) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = `${pathOf(record.id)}.new`;
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
      await rename(temporary, pathOf(record.id));
    },
    async all() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const ids = names.flatMap((name) => /^([a-z0-9-]+)\.json$/.exec(name)?.[1] ?? []);
      const records = await Promise.all(ids.map(read));
      return records.filter((record) => record !== undefined); // one may have gone meanwhile
    },
    async forget(id) {
      await rm(pathOf(id), { force: true });
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
