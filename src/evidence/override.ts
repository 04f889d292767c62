import type { TestKey } from "../check/suite.ts";
import type { Gate, GateId } from "./gate.ts";
import type { Change } from "./tests/classify.ts";

/** A person's word that a finding of a gate is in order. */
export type Override = {
  /** The gate's `finding`. */
  readonly finding: string;
  readonly gate: GateId;
  /** Null when it is about all paths. */
  readonly path: string | null;
  /** Login of the person. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** Address of the comment that says so. */
  readonly comment: string;
  /** Tests of the base that fail on the head as they were and that this accepts: those of the same file. */
  readonly oldTests: readonly TestKey[];
};

/** What gates found, and what of it people have accepted. */
export type Findings = { readonly gates: readonly Gate[]; readonly overrides: readonly Override[] };

/** What blocks and nobody has accepted. */
export function openFindings({ gates, overrides }: Findings): readonly Gate[] {
  const accepted = new Set(overrides.map(({ finding }) => finding));
  return gates.filter((gate) => isBlocking(gate) && !accepted.has(gate.finding ?? ""));
}

/** Gates that look at what became of the base's tests: their findings are why those fail as they were. */
const ABOUT_OLD_TESTS: readonly GateId[] = [
  "tests-kept",
  "assertions-kept",
  "existing-tests-unchanged",
  "snapshots-kept",
];

/**
 * The base's own tests that fail on the head as they were, split by whether that is accepted: it is in a file whose
 * changes somebody accepted, once nothing there blocks any more.
 */
export function splitOldTests(
  findings: Findings,
  oldToFail: readonly Change[],
): { readonly accepted: readonly Change[]; readonly open: readonly Change[] } {
  const stillOpen = new Set(openFindings(findings).map(({ path }) => path));
  const files = findings.overrides
    .filter(({ gate, path }) => ABOUT_OLD_TESTS.includes(gate) && !stillOpen.has(path))
    .map(({ path }) => path);
  const isAccepted = ({ key }: Change) => key.file !== "" && files.includes(key.file);
  return {
    accepted: oldToFail.filter(isAccepted),
    open: oldToFail.filter((change) => !isAccepted(change)),
  };
}

export function isBlocking({ result }: Gate): boolean {
  return result === "block";
}
