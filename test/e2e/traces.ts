import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import Docker from "dockerode";
import pg from "pg";
import type { RunSummary } from "../../src/run/summary.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { isPull } from "../github/world/world.ts";
import type { ScriptedTurn } from "../model/scripted-model.ts";
import type { LogLine } from "./dunlin-process.ts";
import type { Lives } from "./lives.ts";
import { REPOSITORY, type Stage } from "./stage.ts";

const run = promisify(execFile);

/** What one run for the issue must have left on GitHub, however often Dunlin died. */
export const ONE_OF_EACH = {
  branches: 1,
  pushes: 1,
  forcedPushes: 0,
  drafts: 1,
  comments: 1,
  checkRuns: 1,
  labels: [],
  violations: [],
};

/** What there is on GitHub now beyond the seeded repository, in the words of `ONE_OF_EACH`. */
export async function tracesOf({ github }: Stage, issueNumber: number) {
  const repository = github.repository(REPOSITORY);
  const pulls = [...repository.issues.values()].filter(isPull);
  const { stdout } = await git(repository.folder, ["for-each-ref", "refs/heads"]);
  return {
    branches: stdout.trim().split("\n").length - 1,
    pushes: github.pushes.length,
    forcedPushes: github.pushes.filter((push) => push.forced).length,
    drafts: pulls.filter(({ pull }) => pull.draft).length,
    comments: repository.comments.size,
    checkRuns: repository.checkRuns.size,
    labels: repository.issues.get(issueNumber)?.labels,
    violations: github.violations,
  };
}

/** The change as it stands on GitHub: the head's files by name, mode and content, and the patch's digest. */
export async function changeOf({ github }: Stage, summary: RunSummary) {
  const head = summary.pullRequest?.headSha ?? "";
  const { folder } = github.repository(REPOSITORY);
  const { stdout } = await git(folder, ["rev-parse", `${head}^{tree}`]);
  return { tree: stdout.trim(), patch: summary.patchDigest };
}

function git(folder: string, args: readonly string[]) {
  return run("git", ["--git-dir", folder, ...args]);
}

/** A script that notes for each request whether its answer was in a journal already when it came. */
export function watchedScript(script: readonly ScriptedTurn[], folder: () => string) {
  const asked: { readonly turn: number; readonly wasStored: boolean }[] = [];
  const watched = script.map(
    (scripted, index): ScriptedTurn =>
      (request) => {
        asked.push({ turn: index + 1, wasStored: isStored(folder(), `turn-${index + 1}-model`) });
        return typeof scripted === "function" ? scripted(request) : scripted;
      },
  );
  return { asked, script: watched };
}

function isStored(folder: string, step: string): boolean {
  const complete = newestJournal(join(folder, "data/journals")).split("\n").slice(0, -1);
  return complete.some((line) => line.startsWith(`{"step":"${step}",`));
}

/** The journal of the run that works now: the one written last. */
function newestJournal(folder: string): string {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const [newest] = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest === undefined ? "" : readFileSync(newest, "utf8");
}

/** As if the last crash had come between a step's entry in the journal and the engine's own record of it. */
export async function forgetLastStep(stage: Stage): Promise<void> {
  await query(
    stage,
    `DELETE FROM dbos.operation_outputs AS gone USING
       (SELECT workflow_uuid, max(function_id) AS last FROM dbos.operation_outputs
        WHERE workflow_uuid LIKE 'run:%' GROUP BY workflow_uuid) AS known
     WHERE gone.workflow_uuid = known.workflow_uuid AND gone.function_id = known.last`,
  );
}

/** How many model requests of the run are counted, and how many of those by what they really used. */
export async function ledgerOf(stage: Stage, runId: string) {
  const [row] = await query<{ counted: number; settled: number }>(
    stage,
    `SELECT count(*)::int AS counted, count(*) FILTER (WHERE settled)::int AS settled
     FROM dunlin.spending WHERE run_id = '${runId}'`,
  );
  return { counted: row?.counted ?? 0, settled: row?.settled ?? 0 };
}

/** A query on the database of the stage's Dunlin, which runs or was killed. */
export async function query<Row extends pg.QueryResultRow>(
  stage: Stage,
  text: string,
): Promise<readonly Row[]> {
  const client = await connect(stage);
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A connection of one's own to that database. */
export async function connect({ folder }: Stage): Promise<pg.Client> {
  const sockets = encodeURIComponent(join(folder, "data/postgres/run"));
  const client = new pg.Client(`postgresql://dunlin@localhost/dunlin?host=${sockets}`);
  await client.connect();
  return client;
}

/** The containers of the stage's Dunlins, those that have ended and those that wait for a run among them. */
export async function containersOf(lines: readonly LogLine[]): Promise<readonly string[]> {
  const found = await (await engine()).listContainers({ all: true, filters: ownedBy(lines) });
  return found.map(({ Id, Status }) => `${Id.slice(0, 12)} ${Status}`);
}

/** What the engine still has of the sandboxes that the runs used, wherever those came from. */
export async function leftOf(
  lines: readonly LogLine[],
  runIds: readonly string[],
): Promise<readonly string[]> {
  const used = lines.filter(
    (line) => isBegun(line) && runIds.includes(labelsOf(line)["run"] ?? ""),
  );
  const ids = new Set(used.map((line) => line["sandbox"]));
  const all = await (await engine()).listContainers({ all: true, filters: ownedBy(lines) });
  return all.flatMap(({ Id, Labels }) =>
    ids.has(Id) || runIds.includes(Labels["run"] ?? "") ? [Id] : [],
  );
}

/** Resolves when the engine says that none of their containers runs any more. */
export async function sandboxesEnded(lines: readonly LogLine[]): Promise<void> {
  const docker = await engine();
  const running = await docker.listContainers({ filters: ownedBy(lines) });
  await Promise.all(running.map(({ Id }) => docker.getContainer(Id).wait()));
}

/** One that was made before it was known for which run names only its owner. */
function ownedBy(lines: readonly LogLine[]) {
  const listening = lines.find(({ msg }) => msg === "listening");
  return { label: ["dunlin=1", `owner=${listening?.["owner"]}`] };
}

function isBegun({ msg }: LogLine): boolean {
  return msg === "sandbox begun";
}

function labelsOf(line: LogLine): Readonly<Record<string, string>> {
  return line["labels"] as Readonly<Record<string, string>>;
}

/** The engine that Dunlin uses. */
export async function engine(): Promise<Docker> {
  return new Docker(await dockerOptions(process.env));
}

/** Command lines of this machine's processes that name the folder. */
export async function processesIn(folder: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll("\0", " "));
}

/** Kills the next sandbox that the run gets. */
export async function killNextSandbox({ dunlin }: Lives, runId: string): Promise<void> {
  const next = Promise.withResolvers<string>();
  dunlin.onLine((line) => {
    if (isBegun(line) && labelsOf(line)["run"] === runId) next.resolve(String(line["sandbox"]));
  });
  await (await engine()).getContainer(await next.promise).kill();
}

/** Kills the run's sandbox as soon as tests run in it. */
export async function killTestingSandbox({ lines }: Lives): Promise<void> {
  const docker = await engine();
  for (;;) {
    for (const { Id } of await docker.listContainers({ filters: ownedBy(lines) })) {
      const container = docker.getContainer(Id);
      // One that ends just now has none, or is gone.
      const { Processes } = await container.top().catch(() => ({ Processes: null }));
      const processes: readonly (readonly string[])[] = Processes ?? [];
      if (processes.some((columns) => columns.join(" ").includes("--test"))) {
        return container.kill();
      }
    }
    await delay(20);
  }
}

/** Kills what runs of the run's sandboxes, at once; what waits for a run is left alone. */
export async function killSandboxes({ lines }: Lives, runId: string): Promise<void> {
  const docker = await engine();
  const running = new Set(
    (await docker.listContainers({ filters: ownedBy(lines) })).map(({ Id }) => Id),
  );
  for (const id of begunFor(lines, [runId])) {
    // It may have come to its end meanwhile.
    if (running.has(id))
      await docker
        .getContainer(id)
        .kill()
        .catch(() => {});
  }
}

/** The ids of all sandboxes that the runs got. */
function begunFor(lines: readonly LogLine[], runIds: readonly string[]): ReadonlySet<string> {
  const used = lines.filter(
    (line) => isBegun(line) && runIds.includes(labelsOf(line)["run"] ?? ""),
  );
  return new Set(used.map((line) => String(line["sandbox"])));
}
