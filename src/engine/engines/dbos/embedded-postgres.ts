import { execFile, spawn } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { Failure } from "../../../errors.ts";
import {
  exists,
  installPostgres,
  ownFolder,
  type PostgresUser,
  postgresUser,
  putInPlace,
} from "./postgres-files.ts";

const MAJOR = "18";
const START_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

export type EmbeddedPostgres = {
  /** Connection string of the database `dunlin`, over a Unix socket that only its user and root can open. */
  readonly url: string;
  /** Stops the server unless another process is still connected to it. */
  stop(): Promise<void>;
};

/**
 * A real Postgres below `folder`, made on first use, reachable by no TCP port. A server that outlived a killed process
 * is adopted; two processes starting at once share one server.
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const user = await postgresUser();
  const sockets = join(folder, "run");
  if (Buffer.byteLength(sockets) > 90) {
    throw new Failure(
      "invalid-request",
      "data-folder",
      `The data folder's path is too long for a Unix socket (${sockets}). Set DUNLIN_DATA_DIR to a shorter one.`,
    );
  }
  const programs = await installPostgres(join(folder, "programs"));
  const cluster = join(folder, `cluster-${MAJOR}`);
  await ownFolder(sockets, user);
  await ensureCluster(programs, cluster, user);
  if ((await livePid(cluster)) === undefined) await launch(programs, cluster, sockets, user);
  await answering(cluster, sockets, join(folder, "postgres.log"));
  await ensureDatabase(address(sockets, "postgres"));
  const url = address(sockets, "dunlin");
  return { url, stop: () => stopUnlessShared(url, cluster) };
}

function address(sockets: string, database: string): string {
  return `postgresql://dunlin@localhost/${database}?host=${encodeURIComponent(sockets)}`;
}

async function ensureCluster(
  programs: string,
  cluster: string,
  user: PostgresUser | undefined,
): Promise<void> {
  if (await exists(join(cluster, "PG_VERSION"))) return;
  const temporary = `${cluster}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await ownFolder(temporary, user);
  const options = ["--username=dunlin", "--encoding=UTF8", "--locale=C", "--auth=trust"];
  try {
    await run(join(programs, "bin", "initdb"), [...options, "-D", temporary], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", LANG: "C" },
      ...user,
    });
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    const reason = (cause instanceof Error ? cause.message : String(cause)).slice(-500);
    throw new Failure(
      "invalid-request",
      "database-files",
      `The embedded database could not be made in ${cluster}: ${reason.replace(/[.\s]*$/, "")}. Make every folder above it enterable for the user "dunlin", set DUNLIN_DATA_DIR to another folder, or set DATABASE_URL.`,
      { cause },
    );
  }
  await putInPlace(temporary, cluster);
}

/** Postgres' own lock file names the server; a pid that is gone or another program's is no server. */
async function livePid(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  if (command === undefined && process.platform === "linux") return undefined;
  if (command !== undefined && !command.includes("postgres")) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

async function launch(
  programs: string,
  cluster: string,
  sockets: string,
  user: PostgresUser | undefined,
): Promise<void> {
  const log = await open(join(sockets, "..", "postgres.log"), "a", 0o600);
  const settings = {
    listen_addresses: "",
    unix_socket_directories: sockets,
    unix_socket_permissions: "0700",
    shared_buffers: "32MB",
    max_connections: "60",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // Detached: it must outlive this process when that is killed, so that nothing written is lost.
  const server = spawn(join(programs, "bin", "postgres"), ["-D", cluster, ...flags], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LANG: "C" },
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    ...user,
  });
  // A failed start shows itself as no answer; `answering` then quotes the log.
  server.on("error", () => {});
  server.unref();
  await log.close();
}

async function answering(cluster: string, sockets: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: address(sockets, "postgres") });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (Date.now() < deadline) {
        await delay(50);
        continue;
      }
      const log = (await readFile(logFile, "utf8").catch(() => "")).slice(-600);
      throw new Failure(
        "unavailable",
        "database-start",
        `The embedded database in ${cluster} did not start within ${START_TIMEOUT_MS / 1000} s. Its log ends: ${log}`,
        { cause },
      );
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE DATABASE "dunlin"');
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    // Already there, or being made by another process at this moment.
    if (code !== "42P04" && code !== "23505") throw error;
  } finally {
    await client.end();
  }
}

async function stopUnlessShared(url: string, cluster: string): Promise<void> {
  const pid = await livePid(cluster);
  if (pid === undefined) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const others = await client.query(
    "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  await client.end();
  if ((others.rowCount ?? 0) > 0) return;
  process.kill(pid, "SIGINT");
  while ((await livePid(cluster)) !== undefined) await delay(20);
}
