import { setTimeout as delay } from "node:timers/promises";
import { DBOS, DBOSClient, Error as DbosError } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import type { Engine, QueueLimits, Workflow, WorkflowBody } from "../../engine.ts";
import { runBody, type Work } from "./interruption.ts";

export type DbosEngineOptions = {
  readonly databaseUrl: string;
  /**
   * Separates the workflows of one program from another's in the same database. One process at a time may hold a
   * scope: it is the one that resumes what a crash left behind there.
   */
  readonly scope: string;
  readonly log: Log;
  /** Called when the connection that holds the scope is lost: someone else may resume our work, so stop at once. */
  readonly onScopeLost: () => void;
};

// DBOS gives a version and a queue of one name to one application only, so both have the scope in their names.
/** Pinned: by default it is a hash of the code, so that every upgrade would strand the runs under way. */
const versionOf = (scope: string) => `${scope}/run-1`;
const queueOf = (scope: string, name: string) => `${scope}/${name}`;

const POLL_MS = 50;
/** The database takes a moment to notice that a killed process is gone. */
const SCOPE_WAIT_MS = 5_000;
/** For the records of the steps that ended last. */
const LAST_RECORDS_MS = 200;

/** Durable steps on DBOS. DBOS keeps its state in the process, so a process has one engine at a time. */
export function createDbosEngine(options: DbosEngineOptions): Engine {
  const queues = new Map<string, QueueLimits>();
  const stopping = new AbortController();
  const work: Work = { stopping: stopping.signal, running: new Set(), log: options.log };
  const log = quiet(options.log.child({ part: "engine" }), stopping.signal);
  const started = Promise.withResolvers<DBOSClient>();
  let scopeLock: pg.Client | undefined;
  let client: DBOSClient | undefined;
  let stopped: Promise<void> | undefined;

  async function stop(graceMs: number): Promise<void> {
    stopping.abort();
    const grace = new AbortController();
    const waited = delay(graceMs, undefined, { signal: grace.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(work.running), waited]);
    grace.abort();
    await client?.destroy();
    await DBOS.shutdown({ workflowCompletionTimeoutMS: LAST_RECORDS_MS });
    await scopeLock?.end();
  }

  DBOS.setConfig({
    name: options.scope,
    systemDatabaseUrl: options.databaseUrl,
    executorID: "one",
    applicationVersion: versionOf(options.scope),
    enablePatching: true,
    systemDatabasePoolSize: 10,
    logger: log,
  });

  return {
    workflow<Input>(name: string, limits: QueueLimits, body: WorkflowBody<Input>) {
      queues.set(name, limits);
      return register(name, limits, body, {
        scope: options.scope,
        started: started.promise,
        work,
      });
    },
    async start() {
      scopeLock = await holdScope(options, stopping.signal);
      await DBOS.launch();
      await registerQueues(options.scope, queues);
      client = await DBOSClient.create({
        systemDatabaseUrl: options.databaseUrl,
        applicationName: options.scope,
        systemDatabasePoolSize: 5,
        logger: log,
      });
      started.resolve(client);
    },
    async finished(id) {
      await DBOS.retrieveWorkflow(id).getResult({ pollingIntervalMs: POLL_MS });
    },
    stop({ graceMs }) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

type Running = {
  readonly scope: string;
  readonly started: Promise<DBOSClient>;
  readonly work: Work;
};

async function registerQueues(
  scope: string,
  queues: ReadonlyMap<string, QueueLimits>,
): Promise<void> {
  for (const [name, limits] of queues) {
    await DBOS.registerQueue(queueOf(scope, name), {
      workerConcurrency: limits.perWorker,
      ...(limits.perPartition === undefined ? {} : { partitionConcurrency: limits.perPartition }),
      minPollingIntervalMs: POLL_MS,
      onConflict: "always_update",
    });
  }
}

function register<Input>(
  name: string,
  limits: QueueLimits,
  body: WorkflowBody<Input>,
  { scope, started, work }: Running,
): Workflow<Input> {
  DBOS.registerWorkflow((input: Input) => runBody(work, body, input), {
    name,
    maxRecoveryAttempts: 1000,
  });
  return {
    // By a client, because a step of one workflow may enqueue another: DBOS itself refuses that.
    async enqueue(input, { id, partition }) {
      const client = await started;
      try {
        await client.enqueue<(input: Input) => Promise<void>>(
          {
            workflowName: name,
            queueName: queueOf(scope, name),
            workflowID: id,
            workflowIDReusePolicy: "reject",
            appVersion: versionOf(scope),
            ...(limits.perPartition === undefined ? {} : { queuePartitionKey: partition ?? "" }),
          },
          input,
        );
        return "enqueued";
      } catch (error) {
        if (DbosError.isWorkflowIDInUseError(error)) return "duplicate";
        throw error;
      }
    },
  };
}

async function holdScope(options: DbosEngineOptions, stopping: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: options.databaseUrl, keepAlive: true });
  await connect(client);
  client.on("error", (error) => {
    if (stopping.aborted) return;
    options.log.error({ error: error.message }, "database connection lost");
    options.onScopeLost();
  });
  if (await takeLock(client, options.scope)) return client;
  await client.end();
  throw new Failure(
    "invalid-request",
    "already-running",
    `Another Dunlin process works on "${options.scope}" in this database. Stop it first, or use another DUNLIN_DATA_DIR or DATABASE_URL.`,
  );
}

async function takeLock(client: pg.Client, scope: string): Promise<boolean> {
  const until = Date.now() + SCOPE_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held",
      [`dunlin:${scope}`],
    );
    if (rows[0]?.held === true) return true;
    if (Date.now() > until) return false;
    await delay(100);
  }
}

async function connect(client: pg.Client): Promise<void> {
  try {
    await client.connect();
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

/** Its information is for those who look into it, and so is all that it complains of while it is being stopped. */
function quiet(log: Log, stopping: AbortSignal) {
  const at = (level: "debug" | "warn" | "error") => (entry: unknown) =>
    log[stopping.aborted ? "debug" : level]({ entry: String(entry) }, "engine message");
  return { debug: at("debug"), info: at("debug"), warn: at("warn"), error: at("error") };
}
