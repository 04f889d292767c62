import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import type { RecordedRequest } from "../github/http/journal.ts";
import { type Lives, repeatedSteps, startLives } from "./lives.ts";
import { endOfRun, type Stage, setStage } from "./stage.ts";
import { TOY_SCRIPT } from "./toy-repository.ts";
import { changeOf, connect, ONE_OF_EACH, query, tracesOf, watchedScript } from "./traces.ts";

/** Dozens of starts take a while on a machine that has other work. */
const BUSY_MS = 20 * 60_000;
const FAST = { DUNLIN_RUNTIME: "runc", DUNLIN_WEAK_SANDBOX: "1" };

/** Everything that Dunlin changes on GitHub. */
const EFFECTS = [
  { name: "a label's removal", method: "DELETE", path: /\/labels\/dunlin$/ },
  { name: "the comment", method: "POST", path: /\/issues\/\d+\/comments$/ },
  { name: "an edit of the comment", method: "PATCH", path: /\/issues\/comments\/\d+$/ },
  { name: "the push", method: "POST", path: /\/git-receive-pack$/ },
  { name: "the pull request", method: "POST", path: /\/pulls$/ },
  { name: "the check run", method: "POST", path: /\/check-runs$/ },
] as const;

describe("a Dunlin that is killed before and after each effect on GitHub", () => {
  let stage: Stage;
  let lives: Lives;
  let issue: number;
  let killed: RunSummary;
  let traces: Awaited<ReturnType<typeof tracesOf>>;
  let faults: readonly { readonly hits: number }[];
  const { asked, script } = watchedScript(TOY_SCRIPT, () => stage.folder);

  beforeAll(async () => {
    stage = await setStage({ script });
    lives = await startLives(stage, FAST);
    // The first request is held without an effect, the second has its effect but no answer.
    faults = EFFECTS.flatMap(({ method, path }) => [
      stage.github.fail({ method, path, delayMs: HELD_MS, status: 503 }),
      stage.github.fail({ method, path, loseAnswer: true }),
    ]);
    issue = await stage.ask();
    await dieAroundEachEffect(stage, lives);
    killed = await endOfRun(lives.dunlin);
    await stage.github.settled();
    traces = await tracesOf(stage, issue);
  }, BUSY_MS);
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("leaves one of each on GitHub", () => {
    expect(killed.run).toMatchObject({ state: "proposed", outcome: "verified" });
    expect(faults.map(({ hits }) => hits)).toEqual(faults.map(() => 1));
    expect(traces).toEqual(ONE_OF_EACH);
  });

  it("repeats no finished step and no answered model request", () => {
    expect(repeatedSteps(lives.lines)).toEqual([]);
    expect(asked.filter(({ wasStored }) => wasStored)).toEqual([]);
  });

  it("makes the same change as a Dunlin that nobody disturbs", async () => {
    await lives.killAndRestart();
    await stage.ask();
    const undisturbed = await endOfRun(lives.dunlin, killed);
    expect(await changeOf(stage, killed)).toEqual(await changeOf(stage, undisturbed));
  });
});

/** Longer than a kill takes; git, which outlives Dunlin, waits for it. */
const HELD_MS = 5_000;

async function dieAroundEachEffect({ github }: Stage, lives: Lives): Promise<void> {
  const done = new Set<RecordedRequest>();
  for (let kills = 0; kills < 2 * EFFECTS.length; kills += 1) {
    const next = () => dueRequest(github.requests, done);
    await github.waitForRequest(() => next() !== undefined);
    const request = next();
    if (request !== undefined) done.add(request);
    await lives.killAndRestart();
  }
}

/** The first request for an effect once it is there, the second once its effect is. */
function dueRequest(
  requests: readonly RecordedRequest[],
  done: ReadonlySet<RecordedRequest>,
): RecordedRequest | undefined {
  for (const { method, path } of EFFECTS) {
    const [before, after] = requests.filter(
      (request) => request.method === method && path.test(request.path),
    );
    if (before !== undefined && hasArrived(before) && !done.has(before)) return before;
    if (after?.status !== undefined && !done.has(after)) return after;
  }
  return undefined;
}

function hasArrived({ method, path, body }: RecordedRequest): boolean {
  return method === "DELETE" || path.endsWith("/git-receive-pack") || body.length > 0;
}

describe("a delivery", () => {
  let stage: Stage;
  let lives: Lives;

  beforeAll(async () => {
    stage = await setStage({ script: TOY_SCRIPT });
    lives = await startLives(stage, FAST);
    // A start asks once for what was missed: a delivery that comes meanwhile would be sent twice.
    await stage.github.waitForRequest(
      ({ path, status }) => path.startsWith("/app/hook/deliveries") && status !== undefined,
    );
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("is not acknowledged before it is stored", async () => {
    const lock = await connect(stage);
    try {
      await lock.query("BEGIN");
      await lock.query("LOCK TABLE dbos.workflow_status IN ACCESS EXCLUSIVE MODE");
      await stage.ask();
      await untilSomebodyWaits(stage);
      expect(outcomes(stage)).toEqual([undefined]);
      await lives.dunlin.kill();
      await stage.github.settled();
      expect(outcomes(stage)).toEqual([0]);
    } finally {
      await lock.end();
    }
  });

  it("becomes one run although a kill follows its acknowledgement at once", async () => {
    stage.github.fail({ ...ISSUE_READ, delayMs: HELD_MS, status: 503 });
    await lives.killAndRestart();
    const [refused] = labelled(stage);
    const again = await stage.github.redeliver(refused?.guid ?? "");
    expect(again.outcome?.status).toBe(200);
    await stage.github.waitForRequest(({ path }) => ISSUE_READ.path.test(path));
    await lives.killAndRestart(async () => expect(await runsOf(stage)).toEqual([]));
  });

  it("is worked on to its end although Dunlin is told to stop again and again", async () => {
    for (const note of ["running the base's test suite", "run_tests", STOPPED_LAST]) {
      await lives.dunlin.line((line) => line["note"] === note);
      expect(await lives.stopAndRestart()).toBe(0);
    }
    const { run } = await endOfRun(lives.dunlin);
    expect(run).toMatchObject({ outcome: "verified" });
    expect(repeatedSteps(lives.lines)).toEqual([]);
    expect(stage.model.requests).toHaveLength(TOY_SCRIPT.length);
  });

  it("starts nothing when it comes once more", async () => {
    const [first] = labelled(stage);
    const again = await stage.github.redeliver(first?.guid ?? "");
    expect(again.outcome?.status).toBe(200);
    await lives.stopAndRestart();
    expect(await runsOf(stage)).toMatchObject([{ state: "proposed" }]);
  });
});

const ISSUE_READ = { method: "GET", path: /\/issues\/\d+$/ };
const STOPPED_LAST = "running the whole suite on the head";

function runsOf(stage: Stage) {
  return query(stage, "SELECT id, state FROM dunlin.run");
}

function labelled({ github }: Stage) {
  return github.deliveries.filter(
    ({ event, action }) => event === "issues" && action === "labeled",
  );
}

function outcomes(stage: Stage) {
  return labelled(stage).map(({ outcome }) => outcome?.status);
}

async function untilSomebodyWaits(stage: Stage): Promise<void> {
  const waiting =
    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'dbos.workflow_status'::regclass";
  while ((await query(stage, waiting)).length === 0) await delay(50);
}
