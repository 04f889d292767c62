import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The repository as it stands, without what git ignores, in a folder of its own: the breaks are made there only. */
export async function copyRepository(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-teeth-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { encoding: "utf8", maxBuffer: 64 << 20 }).split("\0");
  for (const file of new Set(files)) {
    if (file === "") continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that was deleted and not yet committed is still in the list.
    await cp(file, join(folder, file)).catch(ignoreMissing);
  }
  await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
