import { existsSync } from "node:fs";
import { type BootFiles, ensureBootFiles } from "./boot-files.ts";
import { ensureRootDisk, type RootDisk, type RootDiskOptions } from "./root-disk.ts";
import { ensureBlankDisk } from "./workspace-disk.ts";

/** What machines are made from: made once, then only looked whether it is still there. */
export type Preparation = {
  bootFiles(): Promise<BootFiles>;
  rootDisk(image: string): Promise<RootDisk>;
  /** An empty workspace of this size. */
  blankDisk(workspaceMiB: number): Promise<string>;
};

export function createPreparation(
  folders: { readonly parts: string; readonly boot: string; readonly disks: string },
  options: RootDiskOptions,
): Preparation {
  const { parts, boot, disks } = folders;
  const bootFiles = remember(
    () => ensureBootFiles(parts, boot),
    ({ kernel }) => kernel,
  );
  const rootDisk = remember(
    (image: string) => ensureRootDisk(disks, image, options),
    ({ path }) => path,
  );
  const blankDisk = remember(
    (sizeMiB: number) => ensureBlankDisk(disks, sizeMiB),
    (path) => path,
  );
  return { bootFiles: () => bootFiles(undefined), rootDisk, blankDisk };
}

/** A failure is not remembered, and neither is what somebody has removed since. */
function remember<K, T>(make: (key: K) => Promise<T>, fileOf: (made: T) => string) {
  const known = new Map<K, Promise<T>>();
  return async function get(key: K): Promise<T> {
    const present = known.get(key);
    if (present === undefined) {
      const making = make(key);
      known.set(key, making);
      return making;
    }
    const made = await present.catch(() => undefined);
    if (made !== undefined && existsSync(fileOf(made))) return made;
    if (known.get(key) === present) known.delete(key);
    return get(key);
  };
}
