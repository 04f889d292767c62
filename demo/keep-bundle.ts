import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readAll } from "../src/artifact/artifact.ts";
import { createFolderStore } from "../src/artifact/stores/folder.ts";
import type { RunSummary } from "../src/run/summary.ts";

const run = promisify(execFile);

/** All that somebody needs to check the run once everything else is gone; undefined when there is no bundle. */
export async function keepBundle(
  { evidence }: RunSummary,
  from: { readonly dataFolder: string; readonly repository: string; readonly url: string },
): Promise<string | undefined> {
  if (evidence?.bundle === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "dunlin-evidence-"));
  const artifacts = await createFolderStore(join(from.dataFolder, "artifacts"));
  await writeFile(join(folder, "evidence.tar"), await readAll(artifacts.get(evidence.bundle)));
  const keys = await fetch(`${from.url}/.well-known/dunlin-keys.json`);
  await writeFile(join(folder, "keys.json"), await keys.text());
  const clone = join(folder, "repository.git");
  await run("git", ["clone", "--quiet", "--bare", "--no-local", from.repository, clone]);
  return folder;
}

/** How to check it, for the person at the terminal. */
export function checkCommand(folder: string): string {
  const [bundle, keys, repository] = ["evidence.tar", "keys.json", "repository.git"];
  return `node src/cli.ts verify ${join(folder, bundle)} --key ${join(folder, keys)} --rerun --repository ${join(folder, repository)}`;
}
