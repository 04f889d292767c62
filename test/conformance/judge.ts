import type { Capabilities } from "../../src/sandbox/capabilities.ts";
import { type SharedSandbox, type Stage, shareSandbox, withContext } from "./context.ts";
import { type Law, NEEDS } from "./law.ts";

/** `declared out`: the provider lacks the capability that the law needs. */
export type Judgement = {
  readonly promise: string;
  readonly outcome: "passed" | "failed" | "declared out";
  readonly ms: number;
  /** Why it failed, or what is needed. */
  readonly reason?: string;
};

/** A promise that is never settled breaks every law. */
const LIMIT_MS = 180_000;

export function isAsked({ needs }: Law, capabilities: Capabilities): boolean {
  return needs === undefined || NEEDS[needs](capabilities);
}

/** One law after the other; each judgement is told as soon as it is there. */
export async function judgeAll(
  stage: Stage,
  laws: readonly Law[],
  onJudgement: (judgement: Judgement) => void,
): Promise<void> {
  await using shared = shareSandbox(stage);
  for (const law of laws) onJudgement(await judge(stage, shared, law));
}

async function judge(stage: Stage, shared: SharedSandbox, law: Law): Promise<Judgement> {
  const { promise, needs } = law;
  if (!isAsked(law, stage.capabilities)) {
    return { promise, outcome: "declared out", ms: 0, reason: `It needs ${needs}.` };
  }
  const startedAt = performance.now();
  const passed = () => Math.round(performance.now() - startedAt);
  try {
    await Promise.race([
      withContext(stage, shared, (context) => law.check(context)),
      afterAll(LIMIT_MS),
    ]);
    await shared.tidy();
    return { promise, outcome: "passed", ms: passed() };
  } catch (error) {
    const ms = passed();
    await shared.drop();
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { promise, outcome: "failed", ms, reason };
  }
}

async function afterAll(ms: number): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  throw new Error(`There was no answer within ${ms / 1000} s.`);
}
