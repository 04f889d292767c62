import type pg from "pg";
import { z } from "zod";
import { Failure } from "../../errors.ts";
import { isOpen, type Run, type RunRequest, type RunState } from "../run.ts";
import { refusalOf } from "../spending.ts";
import type { Reservation, RunStore, SpendingLimits, Spent } from "../store.ts";

const SCHEMA = `
CREATE SCHEMA IF NOT EXISTS dunlin;
CREATE TABLE IF NOT EXISTS dunlin.run (
  id text PRIMARY KEY,
  repository_id bigint NOT NULL,
  issue_number integer NOT NULL,
  request jsonb NOT NULL,
  state text NOT NULL,
  outcome text,
  pull_request_number integer,
  stop_requested_by text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_run_an_issue ON dunlin.run (repository_id, issue_number)
  WHERE state IN ('queued', 'working', 'waiting');
CREATE TABLE IF NOT EXISTS dunlin.steer (
  sequence bigserial PRIMARY KEY,
  run_id text NOT NULL REFERENCES dunlin.run (id),
  key text NOT NULL UNIQUE,
  author text NOT NULL,
  text text NOT NULL
);
CREATE TABLE IF NOT EXISTS dunlin.evidence (
  sequence bigserial PRIMARY KEY,
  key text NOT NULL UNIQUE,
  run_id text NOT NULL REFERENCES dunlin.run (id),
  repository_id bigint NOT NULL,
  pull_request_number integer NOT NULL,
  digest text NOT NULL
);
CREATE INDEX IF NOT EXISTS evidence_by_pull_request
  ON dunlin.evidence (repository_id, pull_request_number, sequence);
CREATE TABLE IF NOT EXISTS dunlin.spending (
  key text PRIMARY KEY,
  run_id text NOT NULL,
  repository_id bigint NOT NULL,
  day date NOT NULL,
  cost_usd double precision NOT NULL,
  tokens bigint NOT NULL,
  settled boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS spending_by_day ON dunlin.spending (day, repository_id);
CREATE INDEX IF NOT EXISTS spending_by_run ON dunlin.spending (run_id);
CREATE TABLE IF NOT EXISTS dunlin.database (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  single boolean PRIMARY KEY DEFAULT true CHECK (single)
);
INSERT INTO dunlin.database DEFAULT VALUES ON CONFLICT DO NOTHING;
`;

const Row = z.object({
  request: z.custom<RunRequest>(),
  state: z.enum(["queued", "working", "waiting", "proposed", "reported", "failed", "cancelled"]),
  outcome: z.string().nullable(),
  pull_request_number: z.number().nullable(),
});

type Database = pg.Pool | pg.PoolClient;

export type PostgresRunStore = RunStore & {
  /** Random, and the same for all who use this database. */
  readonly databaseId: string;
};

/**
 * The tables in schema `dunlin`, made when they are missing. The caller ends the pool. Throws
 * `unavailable/database-unreachable`.
 */
export async function openRunStore(pool: pg.Pool): Promise<PostgresRunStore> {
  // Two processes that create the schema at once would trip over each other.
  await inTransaction(pool, "schema", (client) => client.query(SCHEMA));
  const { rows } = await pool.query<{ id: string }>("SELECT id FROM dunlin.database");
  return {
    databaseId: rows[0]?.id ?? "",
    create: (request, { maxOpenPerRepository }) => create(pool, request, maxOpenPerRepository),
    get: (id) => one(pool, "id = $1", [id]),
    open: (repositoryId, issueNumber) =>
      one(
        pool,
        "repository_id = $1 AND issue_number = $2 AND state IN ('queued', 'working', 'waiting')",
        [repositoryId, issueNumber],
      ),
    setState: (id, state, facts = {}) => setState(pool, id, state, facts),
    async requestStop(id, by) {
      await pool.query(
        "UPDATE dunlin.run SET stop_requested_by = coalesce(stop_requested_by, $2) WHERE id = $1",
        [id, by],
      );
    },
    async stopRequestedBy(id) {
      const { rows } = await pool.query<{ stop_requested_by: string | null }>(
        "SELECT stop_requested_by FROM dunlin.run WHERE id = $1",
        [id],
      );
      return rows[0]?.stop_requested_by ?? undefined;
    },
    async addSteer(id, key, author, text) {
      await pool.query(
        "INSERT INTO dunlin.steer (run_id, key, author, text) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING",
        [id, key, author, text],
      );
    },
    async steersAfter(id, after) {
      const { rows } = await pool.query<{ sequence: string; author: string; text: string }>(
        "SELECT sequence, author, text FROM dunlin.steer WHERE run_id = $1 AND sequence > $2 ORDER BY sequence",
        [id, after],
      );
      return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
    },
    addEvidence: (evidence) => addEvidence(pool, evidence),
    latestEvidence: (repositoryId, number) => latestEvidence(pool, repositoryId, number),
    reserve: (reservation, limits) => reserve(pool, reservation, limits),
    async settle(key, used) {
      await pool.query(
        "UPDATE dunlin.spending SET cost_usd = $2, tokens = $3, settled = true WHERE key = $1",
        [key, used.costUsd, used.tokens],
      );
    },
    spent: (runId) => spent(pool, "run_id = $1", [runId]),
  };
}

async function create(
  pool: pg.Pool,
  request: RunRequest,
  maxOpen: number,
): Promise<"created" | "exists" | "busy" | "full"> {
  const { id: repositoryId } = request.repository;
  return inTransaction(pool, `repository ${repositoryId}`, async (client) => {
    if ((await one(client, "id = $1", [request.id])) !== undefined) return "exists";
    const { rows } = await client.query<{ issue_number: number }>(
      "SELECT issue_number FROM dunlin.run WHERE repository_id = $1 AND state IN ('queued', 'working', 'waiting')",
      [repositoryId],
    );
    if (rows.some((row) => row.issue_number === request.issueNumber)) return "busy";
    if (rows.length >= maxOpen) return "full";
    await client.query(
      "INSERT INTO dunlin.run (id, repository_id, issue_number, request, state) VALUES ($1, $2, $3, $4, 'queued')",
      [request.id, repositoryId, request.issueNumber, JSON.stringify(request)],
    );
    return "created";
  });
}

async function one(
  database: Database,
  where: string,
  values: readonly unknown[],
): Promise<Run | undefined> {
  const { rows } = await database.query(
    `SELECT request, state, outcome, pull_request_number FROM dunlin.run WHERE ${where}`,
    [...values],
  );
  if (rows[0] === undefined) return undefined;
  const row = Row.parse(rows[0]);
  return {
    request: row.request,
    state: row.state,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.pull_request_number === null ? {} : { pullRequestNumber: row.pull_request_number }),
  };
}

async function setState(
  pool: pg.Pool,
  id: string,
  state: RunState,
  facts: { readonly outcome?: string; readonly pullRequestNumber?: number },
): Promise<void> {
  // An ended run stays ended: a late step of an older attempt must not open it again.
  const guard = isOpen(state) ? "AND state IN ('queued', 'working', 'waiting')" : "";
  await pool.query(
    `UPDATE dunlin.run SET state = $2, outcome = coalesce($3, outcome),
       pull_request_number = coalesce($4, pull_request_number), updated_at = now()
     WHERE id = $1 ${guard}`,
    [id, state, facts.outcome ?? null, facts.pullRequestNumber ?? null],
  );
}

async function addEvidence(
  pool: pg.Pool,
  evidence: Parameters<RunStore["addEvidence"]>[0],
): Promise<void> {
  const { key, runId, repositoryId, pullRequestNumber, digest } = evidence;
  await pool.query(
    `INSERT INTO dunlin.evidence (key, run_id, repository_id, pull_request_number, digest)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING`,
    [key, runId, repositoryId, pullRequestNumber, digest],
  );
}

type Latest = Awaited<ReturnType<RunStore["latestEvidence"]>>;

async function latestEvidence(
  pool: pg.Pool,
  repositoryId: number,
  pullRequestNumber: number,
): Promise<Latest> {
  const { rows } = await pool.query<NonNullable<Latest>>(
    `SELECT run_id AS "runId", digest FROM dunlin.evidence
     WHERE repository_id = $1 AND pull_request_number = $2 ORDER BY sequence DESC LIMIT 1`,
    [repositoryId, pullRequestNumber],
  );
  return rows[0];
}

function reserve(pool: pg.Pool, wanted: Reservation, limits: SpendingLimits) {
  return inTransaction(pool, "spending", async (client) => {
    const run = await spent(client, "run_id = $1 AND key <> $2", [wanted.runId, wanted.key]);
    const repositoryDay = await spent(client, "day = $1 AND repository_id = $2 AND key <> $3", [
      wanted.day,
      wanted.repositoryId,
      wanted.key,
    ]);
    const totalDay = await spent(client, "day = $1 AND key <> $2", [wanted.day, wanted.key]);
    const refused = refusalOf(wanted, { run, repositoryDay, totalDay }, limits);
    if (refused !== undefined) return refused;
    await client.query(
      `INSERT INTO dunlin.spending (key, run_id, repository_id, day, cost_usd, tokens)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING`,
      [
        wanted.key,
        wanted.runId,
        wanted.repositoryId,
        wanted.day,
        wanted.costUsd,
        Math.ceil(wanted.tokens),
      ],
    );
    return undefined;
  });
}

async function spent(
  database: Database,
  where: string,
  values: readonly unknown[],
): Promise<Spent> {
  const { rows } = await database.query<{ cost: number; tokens: string; requests: string }>(
    `SELECT coalesce(sum(cost_usd), 0) AS cost, coalesce(sum(tokens), 0) AS tokens,
       count(*) AS requests FROM dunlin.spending WHERE ${where}`,
    [...values],
  );
  const row = rows[0];
  return {
    costUsd: row?.cost ?? 0,
    tokens: Number(row?.tokens ?? 0),
    requests: Number(row?.requests ?? 0),
  };
}

/** One transaction that excludes all others of the same name, in every process. */
async function inTransaction<T>(
  pool: pg.Pool,
  name: string,
  body: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect(pool);
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", [name]);
    const result = await body(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new Failure(
      "unavailable",
      "database-unreachable",
      `The database can't be reached (${reason}). Check DATABASE_URL and that the server runs, or unset it to use the embedded one.`,
      { cause },
    );
  }
}
