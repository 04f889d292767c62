import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import { type Lives, startLives } from "./lives.ts";
import { endOfRun, type Stage, setStage } from "./stage.ts";
import { TOY_FILES, TOY_SCRIPT } from "./toy-repository.ts";
import {
  changeOf,
  containersOf,
  killNextSandbox,
  killSandboxes,
  killTestingSandbox,
  ONE_OF_EACH,
  tracesOf,
  watchedScript,
} from "./traces.ts";

const FAST = { DUNLIN_RUNTIME: "runc", DUNLIN_WEAK_SANDBOX: "1" };

/** The toy with a suite that lasts until somebody has seen it run. */
const FILES = {
  ...TOY_FILES,
  "test/slow.test.js": `import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

test("takes its time", () => setTimeout(1500));
`,
};

/** What is killed when the run comes there for the first time. */
const PLACES: Readonly<Record<string, (lives: Lives, runId: string) => Promise<void>>> = {
  "set-up": killNextSandbox,
  "running the base's test suite": killTestingSandbox,
  "running the base's test suite a second time": killNextSandbox,
  // The model's sandbox stands ready by then.
  "turn-1-model": killSandboxes,
  run_tests: killSandboxes,
  "turn-3-tools": killTestingSandbox,
  "running the patch's tests on the base": killNextSandbox,
  "running the whole suite on the head": killTestingSandbox,
};

describe("a run whose sandboxes are killed in every phase", () => {
  let stage: Stage;
  let lives: Lives;
  let issue: number;
  let disturbed: RunSummary;
  let traces: Awaited<ReturnType<typeof tracesOf>>;
  const { asked, script } = watchedScript(TOY_SCRIPT, () => stage.folder);
  const killed: string[] = [];

  beforeAll(async () => {
    stage = await setStage({ script, files: FILES });
    lives = await startLives(stage, FAST);
    const { dunlin } = lives;
    const seen = new Set<string>();
    dunlin.onLine((line) => {
      const place = String(line["state"] === "started" ? line["step"] : line["note"]);
      if (seen.has(place)) return;
      seen.add(place);
      void PLACES[place]?.(lives, String(line["run"])).then(() => killed.push(place));
    });
    issue = await stage.ask();
    disturbed = await endOfRun(dunlin);
    await stage.github.settled();
    traces = await tracesOf(stage, issue);
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("comes to its end in new ones", () => {
    // Some of the places are gone through side by side.
    expect(killed.toSorted()).toEqual(Object.keys(PLACES).toSorted());
    expect(disturbed.run).toMatchObject({ state: "proposed", outcome: "verified" });
    expect(traces).toEqual(ONE_OF_EACH);
  });

  it("asks the model nothing twice and tells it nothing of it", () => {
    expect(asked.map(({ turn }) => turn)).toEqual([1, 2, 3, 4]);
    expect(stage.model.requests.at(-1)?.body).not.toMatch(/lost|died|killed:/);
  });

  it("makes the same change as one that nobody disturbs", async () => {
    await lives.stopAndRestart();
    await stage.ask();
    const before = lives.lines.length;
    const undisturbed = await endOfRun(lives.dunlin, disturbed);
    expect(await changeOf(stage, disturbed)).toEqual(await changeOf(stage, undisturbed));
    // The base is the same, so what the first of them measured there serves this one.
    const notes = lives.lines.slice(before).map(({ note }) => String(note));
    expect(notes.filter((note) => note.startsWith("Base suite: as measured on"))).toHaveLength(1);
    expect(notes).not.toContain("running the base's test suite");
  });

  it("leaves no container behind", async () => {
    await lives.dunlin.stop();
    expect(await containersOf(lives.lines)).toEqual([]);
  });
});
