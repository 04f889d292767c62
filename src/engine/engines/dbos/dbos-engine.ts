import { DBOS, DBOSClient, Error as DbosError } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import type { Engine, QueueLimits, Steps, Workflow, WorkflowBody } from "../../engine.ts";

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

/** Durable steps on DBOS. DBOS keeps its state in the process, so a process has one engine at a time. */
export function createDbosEngine(options: DbosEngineOptions): Engine {
  const queues = new Map<string, QueueLimits>();
  const stopping = new AbortController();
  const log = quiet(options.log.child({ part: "engine" }));
  const started = Promise.withResolvers<DBOSClient>();
  let scopeLock: pg.Client | undefined;
  let client: DBOSClient | undefined;

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
        stopping: stopping.signal,
      });
    },
    async start() {
      scopeLock = await holdScope(options, stopping.signal);
      await DBOS.launch();
      for (const [name, limits] of queues) {
        await DBOS.registerQueue(queueOf(options.scope, name), {
          workerConcurrency: limits.perWorker,
          ...(limits.perPartition === undefined
            ? {}
            : { partitionConcurrency: limits.perPartition }),
          minPollingIntervalMs: POLL_MS,
          onConflict: "always_update",
        });
      }
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
    async stop({ graceMs }) {
      stopping.abort();
      await client?.destroy();
      await DBOS.shutdown({ workflowCompletionTimeoutMS: graceMs });
      await scopeLock?.end();
    },
  };
}

type Running = {
  readonly scope: string;
  readonly started: Promise<DBOSClient>;
  readonly stopping: AbortSignal;
};

function register<Input>(
  name: string,
  limits: QueueLimits,
  body: WorkflowBody<Input>,
  { scope, started, stopping }: Running,
): Workflow<Input> {
  DBOS.registerWorkflow(
    async (input: Input) => body(stepsOf(DBOS.workflowID ?? "", stopping), input),
    { name, maxRecoveryAttempts: 1000 },
  );
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

function stepsOf(id: string, stopping: AbortSignal): Steps {
  return {
    id,
    step: (name, body) => DBOS.runStep(() => unlessStopping(body, stopping), { name }),
  };
}

/** A step that fails because the process stops must not be recorded as failed: it never ends, and the next start runs it again. */
async function unlessStopping<T>(
  body: (signal: AbortSignal) => Promise<T>,
  stopping: AbortSignal,
): Promise<T> {
  try {
    return await body(stopping);
  } catch (error) {
    if (stopping.aborted) await new Promise<never>(() => {});
    throw error;
  }
}

async function holdScope(options: DbosEngineOptions, stopping: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: options.databaseUrl, keepAlive: true });
  await connect(client);
  client.on("error", (error) => {
    if (stopping.aborted) return;
    options.log.error({ error: error.message }, "database connection lost");
    options.onScopeLost();
  });
  const { rows } = await client.query<{ held: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held",
    [`dunlin:${options.scope}`],
  );
  if (rows[0]?.held === true) return client;
  await client.end();
  throw new Failure(
    "invalid-request",
    "already-running",
    `Another Dunlin process works on "${options.scope}" in this database. Stop it first, or use another DUNLIN_DATA_DIR or DATABASE_URL.`,
  );
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

function quiet(log: Log) {
  const at = (level: "debug" | "warn" | "error") => (entry: unknown) =>
    log[level]({ entry: String(entry) }, "engine message");
  return { debug: at("debug"), info: at("debug"), warn: at("warn"), error: at("error") };
}
