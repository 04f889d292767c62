import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { random } from "../../bench/random.ts";
import type { LogLine } from "../e2e/dunlin-process.ts";
import { type Lives, repeatedSteps, startLives } from "../e2e/lives.ts";
import { endOfRun, type Stage, setStage } from "../e2e/stage.ts";
import { TOY_SCRIPT } from "../e2e/toy-repository.ts";
import {
  changeOf,
  containersOf,
  killSandboxes,
  ledgerOf,
  ONE_OF_EACH,
  processesIn,
  tracesOf,
  watchedScript,
} from "../e2e/traces.ts";

const FAST = { DUNLIN_RUNTIME: "runc", DUNLIN_WEAK_SANDBOX: "1" };
const { SOAK_RUNS = "30", SOAK_SEED = String(Date.now() % 1_000_000) } = process.env;
const SEEDS = Array.from({ length: Number(SOAK_RUNS) }, (_, index) => Number(SOAK_SEED) + index);

/** After so many a run is left alone, so that it comes to its end. */
const MOST_DISTURBANCES = 40;
const MEAN_CALM_MS = 1_500;
const LONGEST_CALM_MS = 8_000;
const LONGEST_START_MS = 2_000;

let undisturbed: Awaited<ReturnType<typeof changeOf>>;

beforeAll(async () => {
  await using stage = await setStage({ script: TOY_SCRIPT });
  const dunlin = await stage.start(FAST);
  await stage.ask();
  undisturbed = await changeOf(stage, await endOfRun(dunlin));
});

it.each(SEEDS)("does everything once when disturbed at random moments, seed %i", async (seed) => {
  const { asked, script } = watchedScript(TOY_SCRIPT, () => stage.folder);
  await using stage: Stage = await setStage({ script });
  const lives = await startLives(stage, FAST);
  const issue = await stage.ask();
  const done = await disturb(lives, random(seed));
  const summary = await endOfRun(lives.dunlin);
  await stage.github.settled();
  process.stdout.write(`seed ${seed}: ${done.join(" ")}\n`);

  expect(summary.run).toMatchObject({ outcome: "verified" });
  expect(await tracesOf(stage, issue)).toEqual(ONE_OF_EACH);
  expect(await changeOf(stage, summary)).toEqual(undisturbed);
  expect(repeatedSteps(lives.lines)).toEqual([]);
  expect(asked.filter(({ wasStored }) => wasStored)).toEqual([]);
  const { counted, settled } = await ledgerOf(stage, summary.run.id);
  expect(settled).toBeGreaterThanOrEqual(TOY_SCRIPT.length);
  expect(counted).toBeGreaterThanOrEqual(asked.length);
  await expectNothingLeft(stage, lives);
});

async function expectNothingLeft(stage: Stage, lives: Lives): Promise<void> {
  await lives.dunlin.stop();
  expect(await containersOf(lives.lines)).toEqual([]);
  expect(await processesIn(stage.folder)).toEqual([]);
}

/** Gives what it did, for whoever has to find out. */
async function disturb(lives: Lives, next: () => number): Promise<readonly string[]> {
  const done: string[] = [];
  while (done.length < MOST_DISTURBANCES) {
    const calmMs = Math.min(-Math.log(1 - next()) * MEAN_CALM_MS, LONGEST_CALM_MS);
    if (await isOverWithin(lives, calmMs)) break;
    done.push(await disturbOnce(lives, next, done));
  }
  return done;
}

async function disturbOnce(
  lives: Lives,
  next: () => number,
  done: readonly string[],
): Promise<string> {
  const dice = next();
  const run = lives.lines.find((line) => line.msg === "progress")?.["run"];
  // Two in one turn would be told to the model: that is another story.
  if (dice < 0.15 && run !== undefined && !done.includes("sandbox")) {
    await killSandboxes(lives, String(run));
    return "sandbox";
  }
  if (dice < 0.3) {
    expect(await lives.stopAndRestart()).toBe(0);
    return "stop";
  }
  if (dice < 0.5) {
    await lives.killAndRestartTwice(next() * LONGEST_START_MS);
    return "kill-twice";
  }
  await lives.killAndRestart();
  return "kill";
}

async function isOverWithin({ dunlin }: Lives, ms: number): Promise<boolean> {
  const isOver = (line: LogLine) => line.msg === "run ended";
  const over = dunlin.line(isOver).then(
    () => true,
    () => false,
  );
  return Promise.race([over, delay(ms, false)]);
}
