import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import type { LogLine } from "./dunlin-process.ts";
import { type Lives, repeatedSteps, startLives } from "./lives.ts";
import { endOfRun, type Stage, setStage } from "./stage.ts";
import { TOY_SCRIPT } from "./toy-repository.ts";
import {
  changeOf,
  containersOf,
  forgetLastStep,
  ledgerOf,
  ONE_OF_EACH,
  processesIn,
  sandboxesEnded,
  tracesOf,
  watchedScript,
} from "./traces.ts";

/** Dozens of starts take a while on a machine that has other work. */
const BUSY_MS = 20 * 60_000;
const FAST = { DUNLIN_RUNTIME: "runc", DUNLIN_WEAK_SANDBOX: "1" };

describe("a Dunlin that is killed at every step and at all that is said within one", () => {
  let stage: Stage;
  let lives: Lives;
  let issue: number;
  let killed: RunSummary;
  let traces: Awaited<ReturnType<typeof tracesOf>>;
  const { asked, script } = watchedScript(TOY_SCRIPT, () => stage.folder);

  beforeAll(async () => {
    stage = await setStage({ script });
    lives = await startLives(stage, FAST);
    issue = await stage.ask();
    await dieAtEachMoment(stage, lives);
    killed = await endOfRun(lives.dunlin);
    await stage.github.settled();
    traces = await tracesOf(stage, issue);
  }, BUSY_MS);
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("leaves one of each on GitHub", () => {
    expect(killed.run).toMatchObject({ state: "proposed", outcome: "verified" });
    expect(lives.kills).toBeGreaterThan(25);
    expect(traces).toEqual(ONE_OF_EACH);
  });

  it("runs no finished step again, not even one that only the journal knows of", () => {
    expect(repeatedSteps(lives.lines)).toEqual([]);
  });

  it("sends no model request again once its answer is stored, and goes on counting", async () => {
    expect(asked.filter(({ wasStored }) => wasStored)).toEqual([]);
    expect(new Set(asked.map(({ turn }) => turn))).toEqual(new Set([1, 2, 3, 4]));
    const { settled, counted } = await ledgerOf(stage, killed.run.id);
    expect(settled).toBeGreaterThanOrEqual(TOY_SCRIPT.length);
    expect(counted).toBeGreaterThanOrEqual(asked.length);
  });

  it("makes the same change as a Dunlin that nobody disturbs", async () => {
    await lives.killAndRestart();
    await stage.ask();
    const undisturbed = await endOfRun(lives.dunlin, killed);
    expect(await changeOf(stage, killed)).toEqual(await changeOf(stage, undisturbed));
  });

  it("leaves no container and no process behind", async () => {
    await lives.dunlin.stop();
    expect(await containersOf(lives.lines)).toEqual([]);
    expect(await processesIn(stage.folder)).toEqual([]);
  });
});

async function dieAtEachMoment(stage: Stage, lives: Lives): Promise<void> {
  const seen = new Set<string>();
  for (;;) {
    const line = await lives.dunlin.line((one) => isOver(one) || isNew(one, seen));
    if (isOver(line)) return;
    seen.add(momentOf(line) ?? "");
    await lives.killAndRestart(async () => {
      await forgetLastStep(stage);
      await sandboxesEnded(lives.lines);
    });
  }
}

function isOver(line: LogLine): boolean {
  return line.msg === "run ended";
}

function isNew(line: LogLine, seen: ReadonlySet<string>): boolean {
  const moment = momentOf(line);
  return moment !== undefined && !seen.has(moment);
}

function momentOf(line: LogLine): string | undefined {
  if (line.msg !== "progress") return undefined;
  if (line["state"] === "started") return `${line["step"]} started`;
  return line["state"] === "note" ? `note ${line["note"]}` : undefined;
}
