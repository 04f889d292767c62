import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDbosEngine } from "../../src/engine/engines/dbos/dbos-engine.ts";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../src/engine/engines/dbos/embedded-postgres.ts";
import { createLog } from "../../src/log.ts";

const run = promisify(execFile);
const worker = new URL("engine-worker.ts", import.meta.url).pathname;
let folder: string;
let database: EmbeddedPostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-engine-"));
  await chmod(folder, 0o711);
  database = await startEmbeddedPostgres(join(folder, "db"));
});

afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the embedded database", () => {
  it("is shared by a second start, listens on no TCP port and stays up while somebody uses it", async () => {
    const again = await startEmbeddedPostgres(join(folder, "db"));
    expect(again.url).toBe(database.url);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query("SHOW listen_addresses");
    expect(rows).toEqual([{ listen_addresses: "" }]);
    await again.stop();
    expect((await client.query("SELECT 1 AS alive")).rows).toEqual([{ alive: 1 }]);
    await client.end();
  });

  it("is adopted after the process that started it was killed", async () => {
    const starter = new URL("../../src/engine/engines/dbos/embedded-postgres.ts", import.meta.url);
    const other = join(folder, "killed");
    const program = `const { startEmbeddedPostgres } = await import(${JSON.stringify(starter.href)});
      await startEmbeddedPostgres(${JSON.stringify(other)}); process.kill(process.pid, "SIGKILL")`;
    const end = await run(process.execPath, ["--input-type=module", "-e", program]).catch((e) => e);
    expect(end.signal).toBe("SIGKILL");
    const pidFile = join(other, "cluster-18", "postmaster.pid");
    const before = (await readFile(pidFile, "utf8")).split("\n")[0];
    const adopted = await startEmbeddedPostgres(other);
    expect((await readFile(pidFile, "utf8")).split("\n")[0]).toBe(before);
    await adopted.stop();
    await expect(readFile(pidFile)).rejects.toThrow();
  });

  it("says what to do when the path is too long for a socket", async () => {
    await expect(startEmbeddedPostgres(`/tmp/${"x".repeat(100)}`)).rejects.toMatchObject({
      kind: "invalid-request",
      code: "data-folder",
    });
  });
});

describe("durable steps", () => {
  it("resume after a kill at the step that was under way, and repeat no finished one", async () => {
    const log = join(folder, "story.log");
    const first = await run(process.execPath, [worker, database.url, log, "kill-in-step-2"]).catch(
      (error) => error,
    );
    expect(first.signal).toBe("SIGKILL");
    await run(process.execPath, [worker, database.url, log]);
    const lines = (await readFile(log, "utf8")).trim().split("\n");
    expect(lines.filter((line) => line.includes("plicate") || line === "enqueued").sort()).toEqual([
      "duplicate",
      "duplicate",
      "duplicate",
      "enqueued",
    ]);
    expect(lines.filter((line) => /^(one|two|three)/.test(line))).toEqual([
      "one",
      "two hello",
      "two hello",
      "three",
    ]);
  });

  it("let go of what they hold when the process stops, and go on at the next start", async () => {
    const log = join(folder, "stopped.log");
    await run(process.execPath, [worker, database.url, log, "stop-in-step-2", "engine-stop"]);
    await run(process.execPath, [worker, database.url, log, "", "engine-stop"]);
    const lines = (await readFile(log, "utf8")).trim().split("\n");
    expect(lines.filter((line) => !/plicate|^enqueued/.test(line))).toEqual([
      "one",
      "two hello",
      "let go",
      "two hello",
      "three",
      "let go",
    ]);
  });

  it("are worked on by one process at a time", async () => {
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query("SELECT pg_advisory_lock(hashtextextended('dunlin:taken', 0))");
    const engine = createDbosEngine({
      databaseUrl: database.url,
      scope: "taken",
      log: createLog("silent"),
      onScopeLost: () => {},
    });
    await expect(engine.start()).rejects.toMatchObject({ code: "already-running" });
    await holder.end();
  });

  it("refuse an unreachable database with the next step", async () => {
    const engine = createDbosEngine({
      databaseUrl: "postgresql://nobody@127.0.0.1:1/none",
      scope: "none",
      log: createLog("silent"),
      onScopeLost: () => {},
    });
    await expect(engine.start()).rejects.toMatchObject({
      kind: "unavailable",
      code: "database-unreachable",
      message: expect.stringContaining("Check DATABASE_URL"),
    });
  });
});
