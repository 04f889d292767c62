import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Owner } from "./owner.ts";

const CLAIM = /^claim-(\d{1,9})$/;

/**
 * Makes `folder` the owner's, unless a living other has it. Claims are numbered and the highest counts: of several that
 * find the last owner dead, only one can make the next number.
 */
export async function claim(folder: string, owner: Owner): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { highest, holder } = await lastClaim(folder);
  if (holder === owner.name) return true;
  if (holder !== undefined && (await owner.isAlive(holder))) return false;
  const draft = join(folder, `.claim-${owner.name}-${randomBytes(4).toString("hex")}`);
  await writeFile(draft, owner.name, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, join(folder, `claim-${highest + 1}`)); // with its content, or not at all
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whether somebody living has it, or made it only now. */
export async function isClaimed(folder: string, owner: Owner): Promise<boolean> {
  const { holder } = await lastClaim(folder);
  return holder === undefined || owner.isAlive(holder);
}

async function lastClaim(
  folder: string,
): Promise<{ readonly highest: number; readonly holder?: string }> {
  const numbers = (await readdir(folder)).map((name) => Number(CLAIM.exec(name)?.[1] ?? 0));
  const highest = Math.max(0, ...numbers);
  if (highest === 0) return { highest };
  return { highest, holder: await readFile(join(folder, `claim-${highest}`), "utf8") };
}
