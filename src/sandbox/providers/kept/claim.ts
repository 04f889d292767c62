import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Owner } from "./owner.ts";

const CLAIM = /^claim-(\d{1,9})$/;
/** A folder that is about to come or to go, and by whose hand. */
const PASSING = /^\.passing-([0-9a-z]+)-/;
/** Nobody's name. */
const NOBODY = "nobody";

/**
 * Makes `folder` the owner's, unless a living other has it. Claims are numbered and the highest counts: of several that
 * find the last owner dead, only one can make the next number. A folder comes with its first claim and goes at once, so
 * that whoever dies in the middle leaves none that is nobody's.
 */
export async function claim(folder: string, owner: Owner): Promise<boolean> {
  const last = await lastClaim(folder);
  if (last === undefined) return (await bring(folder, owner)) || claim(folder, owner);
  const { highest, holder } = last;
  if (holder === owner.name) return true;
  if (holder !== undefined && (await owner.isAlive(holder))) return false;
  const draft = join(folder, `.claim-${owner.name}-${randomBytes(4).toString("hex")}`);
  await writeFile(draft, owner.name, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, join(folder, `claim-${highest + 1}`)); // with its content, or not at all
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a claimed folder, for everybody at once. */
export async function giveUp(folder: string): Promise<void> {
  const going = passing(folder, NOBODY);
  try {
    await rename(folder, going);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  await rm(going, { recursive: true, force: true });
}

/** Whether somebody living has it. */
export async function isClaimed(folder: string, owner: Owner): Promise<boolean> {
  const holder = (await lastClaim(folder))?.holder;
  return holder !== undefined && owner.isAlive(holder);
}

/** Whether a folder's name says that it is about to come or to go. */
export function isPassing(name: string): boolean {
  return PASSING.test(name);
}

/** Removes it when nobody living is at it. */
export async function removePassing(folder: string, owner: Owner): Promise<void> {
  const by = PASSING.exec(basename(folder))?.[1];
  if (by === undefined || (by !== NOBODY && (await owner.isAlive(by)))) return;
  await rm(folder, { recursive: true, force: true });
}

/** False when somebody was faster. */
async function bring(folder: string, owner: Owner): Promise<boolean> {
  const draft = passing(folder, owner.name);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await writeFile(join(draft, "claim-1"), owner.name, { mode: 0o600 });
    await rename(draft, folder);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (codeOf(error) === "ENOTEMPTY" || codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function passing(folder: string, by: string): string {
  return join(dirname(folder), `.passing-${by}-${randomBytes(4).toString("hex")}`);
}

/** Undefined when there is no such folder. */
async function lastClaim(
  folder: string,
): Promise<{ readonly highest: number; readonly holder?: string } | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (names === undefined) return undefined;
  const numbers = names.map((name) => Number(CLAIM.exec(name)?.[1] ?? 0));
  const highest = Math.max(0, ...numbers);
  if (highest === 0) return { highest };
  return { highest, holder: await readFile(join(folder, `claim-${highest}`), "utf8") };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
