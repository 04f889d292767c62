import type { AttackCase, Observed, Verdict } from "./attack-case.ts";
import type { Breach } from "./host.ts";
import { worst } from "./judges.ts";

export type Outcome = Verdict["outcome"] | "contained (sandbox lost)";

/** What shows around a sandbox after an attack, whatever the attack was. */
export type Aftermath = {
  readonly breaches: readonly Breach[];
  /** Secrets that were printed or read out, a sentence each. */
  readonly secrets: readonly string[];
  /** Processes that got out, a sentence each. */
  readonly escaped: readonly string[];
  /** How much Dunlin's own memory grew at most. */
  readonly grownMiB: number;
  readonly answers: "yes" | "lost" | "silent";
  /** What was left once the sandboxes were destroyed, a sentence each. */
  readonly left: readonly string[];
};

const MOST_GROWTH_MIB = 64;

export const CALM: Aftermath = {
  breaches: [],
  secrets: [],
  escaped: [],
  grownMiB: 0,
  answers: "yes",
  left: [],
};

/** The one word for what came of an attack, and why. */
export function conclude(
  attack: Pick<AttackCase, "judge" | "boundedMemory" | "maxLifetimeMs">,
  observed: Observed,
  after: Aftermath,
): { readonly outcome: Outcome; readonly notes: readonly string[] } {
  const isLarge = attack.boundedMemory === true && after.grownMiB >= MOST_GROWTH_MIB;
  const { outcome, notes } = worst([
    attack.judge(observed),
    ...after.breaches.map(({ outcome, note }) => verdict(outcome, note)),
    ...after.secrets.map((note) => verdict("LEAKED", note)),
    ...[...after.escaped, ...after.left].map((note) => verdict("ESCAPED", note)),
    ...(isLarge ? [verdict("ESCAPED", `Dunlin's memory grew by ${after.grownMiB} MiB`)] : []),
    ...(after.answers === "silent" ? [verdict("STUCK", "The sandbox no longer answers")] : []),
  ]);
  // A lost sandbox is what a limit may cost; where its loss is the promise, the promise is held.
  const isSafe = outcome === "held" || outcome === "UNPROVEN";
  if (after.answers !== "lost" || !isSafe || attack.maxLifetimeMs !== undefined) {
    return { outcome, notes };
  }
  return { outcome: "contained (sandbox lost)", notes: outcome === "held" ? notes : [] };
}

function verdict(outcome: Verdict["outcome"], note: string): Verdict {
  return { outcome, notes: [note] };
}
