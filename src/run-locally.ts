import { createHash } from "node:crypto";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type ArtifactStore, type Digest, readAll } from "./artifact/artifact.ts";
import type { RepositoryRef } from "./code-host/code-host.ts";
import {
  composeRuns,
  type Environment,
  type Foundation,
  layFoundation,
  openMirrors,
} from "./compose.ts";
import { type Config, readConfig } from "./config.ts";
import { createLocalCodeHost } from "./local/local-code-host.ts";
import { createProgressLines } from "./local/terminal.ts";
import {
  applyToWorkingCopy,
  hasUncommittedChanges,
  requireRepository,
} from "./local/working-copy.ts";
import { execute } from "./run/execute.ts";
import type { RunPorts } from "./run/open-run.ts";
import { isOpen, type RunRequest } from "./run/run.ts";
import { type RunSummary, SUMMARY_STEP } from "./run/summary.ts";

export type LocalRun = {
  readonly path: string;
  /** The first line is the title. */
  readonly task: string;
  readonly patch?: string | undefined;
  readonly evidence?: string | undefined;
  readonly json?: string | undefined;
  readonly apply: boolean;
};

/**
 * The flow of a run on a local repository, without any code host. The same call after a kill goes on where it was.
 * Resolves with the exit code.
 */
export async function runLocally(args: LocalRun, env: Environment): Promise<number> {
  const config = readConfig({ DUNLIN_LOG: "warn", ...env });
  const path = resolve(args.path);
  await requireRepository(path);
  const say = (text: string) => process.stderr.write(text);
  if (await hasUncommittedChanges(path)) {
    say("Changes that are not committed are not part of the run.\n");
  }
  const base = await openBase(config, env, await realpath(path));
  const scope = digest([base.url, base.sha, args.task]);
  await using foundation = await layFoundation(config, `local-${scope}`, () => process.exit(70));
  let comment = "";
  const hosts = createLocalCodeHost({
    ...base,
    task: splitTask(args.task),
    onComment: (text) => {
      comment = text;
    },
  });
  const colour = process.stderr.isTTY === true && env["NO_COLOR"] === undefined;
  const ports = await composeRuns(config, env, foundation, hosts, {
    localRepositories: true,
    onProgress: createProgressLines(say, { colour, notes: colour }),
  });
  const summary = await runToItsEnd(foundation, ports, base, scope, args.task);
  await deliver(args, summary, ports.artifacts, path);
  say(`\n${comment}\n`);
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

async function runToItsEnd(
  foundation: Foundation,
  ports: RunPorts,
  base: Base,
  scope: string,
  task: string,
): Promise<RunSummary> {
  const { engine, store } = foundation;
  const runs = engine.workflow<RunRequest>("run", { perWorker: 1 }, (steps, request) =>
    execute(ports, steps, request),
  );
  const request = await nextRequest(foundation, base, scope, task);
  await store.create(request, { maxOpenPerRepository: Number.MAX_SAFE_INTEGER });
  await engine.start();
  await runs.enqueue(request, { id: `run:${request.id}` });
  await engine.finished(`run:${request.id}`);
  const journal = await ports.journals.open(request.id);
  const ref = await journal.find(SUMMARY_STEP);
  if (ref === undefined) throw new Error(`The run ${request.id} ended without a summary.`);
  return ((await journal.read(ref)) as { readonly ok: RunSummary }).ok;
}

/** The run that a kill cut short, or a new one. */
async function nextRequest(
  { store }: Foundation,
  base: Base,
  scope: string,
  task: string,
): Promise<RunRequest> {
  for (let attempt = 1; ; attempt += 1) {
    const id = `${scope}-${attempt}`;
    const known = await store.get(id);
    if (known !== undefined && isOpen(known.state)) return known.request;
    if (known !== undefined) continue;
    return {
      id,
      repository: base.repository,
      // Tasks of one repository are told apart by a number, as issues are; any stable one does.
      issueNumber: Number.parseInt(digest([id]).slice(0, 7), 16),
      issueUrl: base.url,
      ...splitTask(task),
      requestedBy: "you",
      comments: [],
      omittedComments: 0,
    };
  }
}

function splitTask(task: string): { readonly title: string; readonly body: string } {
  const [title = "", ...body] = task.trim().split("\n");
  return { title: title.replace(/^#\s*/, "").slice(0, 200), body: body.join("\n").trim() };
}

async function deliver(
  args: LocalRun,
  summary: RunSummary,
  artifacts: ArtifactStore,
  path: string,
): Promise<void> {
  const { patchDigest, evidence, pullRequest } = summary;
  const diff = patchDigest === undefined ? undefined : await content(artifacts, patchDigest);
  if (args.patch !== undefined && diff !== undefined) await writeFile(args.patch, diff);
  if (args.evidence !== undefined && evidence !== undefined) {
    await mkdir(args.evidence, { recursive: true });
    await writeFile(
      join(args.evidence, "evidence.json"),
      await content(artifacts, evidence.digest),
    );
    await writeFile(join(args.evidence, "report.md"), pullRequest?.body ?? "");
  }
  if (args.json !== undefined) {
    await writeFile(args.json, `${JSON.stringify(summary, null, 2)}\n`);
  }
  if (args.apply && summary.run.outcome === "verified" && diff !== undefined) {
    await applyToWorkingCopy(path, diff);
  }
}

function content(artifacts: ArtifactStore, artifact: Digest): Promise<Uint8Array> {
  return readAll(artifacts.get(artifact));
}

const VERDICTS = ["verified_weak", "verified_no_new_test", "unverified"];
const GAVE_UP = ["invalid-request/gave-up", "limit-reached/stuck"];

function exitCodeOf(outcome: string): number {
  if (outcome === "verified") return 0;
  if (VERDICTS.includes(outcome)) return 3;
  if (GAVE_UP.includes(outcome)) return 4;
  return outcome.startsWith("limit-reached/") ? 5 : 1;
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
}
