import type { DunlinProcess, LogLine } from "../../test/e2e/dunlin-process.ts";
import { type Stage, setStage } from "../../test/e2e/stage.ts";
import { ISSUE, SCRIPT, STEPS } from "./steps.ts";

/** Milliseconds from the first request to the model until its submission was there. */
export type DunlinRound = {
  readonly totalMs: number;
  /** Each step's turn, from its request to the next one's. */
  readonly stepsMs: readonly number[];
  /** All model answers, as the durable steps that they are. */
  readonly modelMs: number;
  /** Of the first turn: until the sandbox was there. */
  readonly waitForSandboxMs: number;
};

export type DunlinArm = AsyncDisposable & { round(): Promise<DunlinRound> };

/** Dunlin as a process of its own, with one run a round on the same repository. */
export async function openDunlinArm(
  runtime: string,
  files: Readonly<Record<string, string>>,
): Promise<DunlinArm> {
  const stage = await setStage({ script: SCRIPT, files, checkResponses: false });
  try {
    const dunlin = await stage.start({
      DUNLIN_RUNTIME: runtime,
      DUNLIN_WEAK_SANDBOX: "1",
      DUNLIN_INPUT_USD: "0",
      DUNLIN_OUTPUT_USD: "0",
    });
    const known = new Set<unknown>();
    return {
      round: () => runOnce(stage, dunlin, known),
      [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

async function runOnce(
  stage: Stage,
  dunlin: DunlinProcess,
  known: Set<unknown>,
): Promise<DunlinRound> {
  await stage.ask(ISSUE);
  const end = await dunlin.line((line) => line.msg === "run ended" && !known.has(line["run"]));
  known.add(end["run"]);
  if (end["outcome"] !== "verified") {
    throw new Error(`A run of the benchmark ended as ${end["outcome"]} instead of verified.`);
  }
  await stage.github.settled();
  return timesOf(dunlin.lines.filter((line) => line["run"] === end["run"]));
}

function timesOf(lines: readonly LogLine[]): DunlinRound {
  const events = lines.filter((line) => line.msg === "progress");
  const at = (step: string, state: string) => {
    const event = events.find((line) => line["step"] === step && line["state"] === state);
    if (event === undefined) throw new Error(`The log doesn't say when ${step} ${state}.`);
    return Number(event["time"]);
  };
  const asked = SCRIPT.map((_, index) => at(`turn-${index + 1}-model`, "started"));
  const answered = SCRIPT.map((_, index) => at(`turn-${index + 1}-model`, "ended"));
  const acting = at("turn-1-tools", "started");
  const firstCall = events.find(
    (line) => line["state"] === "note" && Number(line["time"]) >= acting,
  );
  return {
    totalMs: between(asked[0], answered.at(-1)),
    stepsMs: STEPS.map((_, index) => between(asked[index], asked[index + 1])),
    modelMs: asked.reduce((sum, from, index) => sum + between(from, answered[index]), 0),
    waitForSandboxMs: between(acting, Number(firstCall?.["time"])),
  };
}

function between(from: number | undefined, to: number | undefined): number {
  return (to ?? Number.NaN) - (from ?? Number.NaN);
}
