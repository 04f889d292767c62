import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { RepositoryRef } from "./code-host/code-host.ts";
import {
  composeRuns,
  type Environment,
  type Foundation,
  layFoundation,
  modelPrice,
  openMirrors,
} from "./compose.ts";
import { type Config, readRunConfig } from "./config.ts";
import { Failure } from "./errors.ts";
import { deliver, preparePlaces, type Wanted } from "./local/deliver.ts";
import { endingText, exitCodeOf } from "./local/ending.ts";
import { INTERRUPTED, untilInterrupted } from "./local/interrupt.ts";
import { createLocalCodeHost } from "./local/local-code-host.ts";
import { readResult } from "./local/result.ts";
import { splitTask } from "./local/task.ts";
import { createProgressLines, printable } from "./local/terminal.ts";
import { findWorkingCopy, hasUncommittedChanges } from "./local/working-copy.ts";
import { execute } from "./run/execute.ts";
import type { RunPorts } from "./run/open-run.ts";
import type { Run, RunRequest } from "./run/run.ts";
import { type RunSummary, SUMMARY_STEP } from "./run/summary.ts";

export type LocalRun = Wanted & {
  /** A folder in a git repository's working copy. */
  readonly path: string;
  /** The first line is the title. */
  readonly task: string;
};

const say = (text: string) => process.stderr.write(text);

/**
 * The flow of a run on a local repository, without any code host. The same call after a kill goes on where it was.
 * Resolves with the exit code.
 */
export async function runLocally(args: LocalRun, env: Environment): Promise<number> {
  const config = readRunConfig({ DUNLIN_LOG: "error", ...env });
  const workingCopy = await findWorkingCopy(resolve(args.path));
  await preparePlaces(args);
  const interrupted = untilInterrupted(() => say("\nStopping (again: at once).\n"));
  const base = await openBase(config, env, workingCopy);
  await sayWhatIsDone(config, base, workingCopy);
  const scope = `local-${digest([base.url, base.sha, args.task])}`;
  await using foundation = await layFoundation(config, scope, () => {
    say(
      "\nThe connection to the database was lost. The same command goes on where this stopped.\n",
    );
    process.exit(1);
  });
  const ports = await openPorts(config, env, foundation, base);
  const task = { scope, base, text: args.task };
  const summary = await Promise.race([runToItsEnd(foundation, ports, task), interrupted]);
  if (summary === undefined) {
    say("The same command goes on where this stopped.\n");
    return INTERRUPTED;
  }
  await present(args, summary, ports, workingCopy);
  return exitCodeOf(summary.run.outcome);
}

type Base = {
  readonly repository: RepositoryRef;
  readonly url: string;
  readonly sha: string;
  readFile(path: string): Promise<string | undefined>;
};

async function openBase(config: Config, env: Environment, path: string): Promise<Base> {
  const id = Number.parseInt(digest([path]).slice(0, 8), 16);
  const repository = { id, owner: "local", name: basename(path), installationId: 0 };
  const mirrors = await openMirrors(config, env, true);
  const mirror = await mirrors.open(repository);
  const url = pathToFileURL(path).href;
  const sha = await mirror.fetch({ url }, "HEAD");
  return {
    repository,
    url,
    sha,
    async readFile(file) {
      const content = await mirror.readFile(sha, file, 1 << 20);
      return content && new TextDecoder().decode(content);
    },
  };
}

async function sayWhatIsDone(config: Config, base: Base, workingCopy: string): Promise<void> {
  say(`Dunlin works on ${base.repository.name} at ${base.sha.slice(0, 10)}.\n`);
  if (await hasUncommittedChanges(workingCopy)) {
    say("Changes that are not committed are not part of it.\n");
  }
  if (modelPrice(config).source === "default") {
    say(
      `The price of the model ${config.DUNLIN_MODEL} is not known, so a high one is counted; DUNLIN_INPUT_USD and DUNLIN_OUTPUT_USD set it.\n`,
    );
  }
}

function openPorts(
  config: Config,
  env: Environment,
  foundation: Foundation,
  base: Base,
): Promise<RunPorts> {
  const live = process.stderr.isTTY === true;
  const colour = live && !env["NO_COLOR"];
  const hosts = createLocalCodeHost(base);
  return composeRuns(config, env, foundation, hosts, {
    localRepositories: true,
    onProgress: createProgressLines(say, { colour, notes: live, live }),
  });
}

type Task = { readonly scope: string; readonly base: Base; readonly text: string };

async function runToItsEnd(
  foundation: Foundation,
  ports: RunPorts,
  task: Task,
): Promise<RunSummary> {
  const { engine, store } = foundation;
  const runs = engine.workflow<RunRequest>("run", { perWorker: 1 }, (steps, request) =>
    execute(ports, steps, request),
  );
  await foundation.start().catch(sayAlreadyRunning);
  const request = await nextRequest(ports, task);
  await store.create(request, { maxOpenPerRepository: Number.MAX_SAFE_INTEGER });
  await runs.enqueue(request, { id: `run:${request.id}` });
  await engine.finished(`run:${request.id}`);
  const summary = await readStep<RunSummary>(ports, request.id, SUMMARY_STEP);
  if (summary === undefined) throw new Error(`The run ${request.id} ended without a summary.`);
  return summary;
}

function sayAlreadyRunning(error: unknown): never {
  if (!(error instanceof Failure) || error.code !== "already-running") throw error;
  throw new Failure(
    "invalid-request",
    "already-running",
    "Another dunlin run works on this very task now. Wait for its end, or stop it with Ctrl-C where it runs and start this again: it goes on where that one was.",
  );
}

/** In a run's journal: what came of it has reached the person. */
const DELIVERED_STEP = "delivered";

/** The run whose end nobody has seen yet, cut short by a kill maybe, or a new one. */
async function nextRequest(ports: RunPorts, { scope, base, text }: Task): Promise<RunRequest> {
  for (let attempt = 1; ; attempt += 1) {
    const id = `${scope}-${attempt}`;
    const known = await ports.store.get(id);
    if (known === undefined) return requestOf(id, base, text);
    if (!(await isOver(ports, known))) return known.request;
  }
}

/** One that failed before it could begin has nothing to hand over. */
async function isOver(ports: RunPorts, { request: { id }, state }: Run): Promise<boolean> {
  if ((await readStep(ports, id, DELIVERED_STEP)) !== undefined) return true;
  return state === "failed" && (await readStep(ports, id, SUMMARY_STEP)) === undefined;
}

function requestOf(id: string, base: Base, task: string): RunRequest {
  return {
    id,
    repository: base.repository,
    issueNumber: Number.parseInt(digest([id]).slice(0, 7), 16),
    ...splitTask(task),
    requestedBy: "you",
    comments: [],
    omittedComments: 0,
  };
}

async function readStep<T>(ports: RunPorts, runId: string, step: string): Promise<T | undefined> {
  const journal = await ports.journals.open(runId);
  const ref = await journal.find(step);
  return ref && ((await journal.read(ref)) as { readonly ok: T }).ok;
}

/** Hands over what the run came to. Only then is it over: cut short before, the same command does this again. */
async function present(
  args: LocalRun,
  summary: RunSummary,
  ports: RunPorts,
  workingCopy: string,
): Promise<void> {
  const result = await readResult(summary, ports.artifacts);
  const delivered = await deliver(args, result, workingCopy, printDiff);
  say(endingText(result, delivered));
  const journal = await ports.journals.open(summary.run.id);
  await journal.append(DELIVERED_STEP, { ok: true });
}

/** Byte for byte for a program that reads it, harmless on a terminal. */
function printDiff(diff: Uint8Array): void {
  const { stdout } = process;
  stdout.write(stdout.isTTY ? printable(new TextDecoder().decode(diff)) : diff);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
}
