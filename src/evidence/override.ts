import type { Digest } from "../artifact/artifact.ts";
import type { TestKey } from "../check/suite.ts";
import type { Evidence } from "./evidence.ts";
import type { Gate, GateId } from "./gate.ts";
import { judgeWithout } from "./verdict.ts";

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

const SHORTEST = 8;

/**
 * Gives each blocking finding a name made of its gate, path, line and words. Whoever wrote the patch can choose the
 * words: names are as long as it takes to tell all findings of this evidence apart.
 */
export function nameFindings(evidence: Evidence, sha256: (text: string) => string): Evidence {
  const nameOf = ({ id, path, line, detail }: Gate) =>
    sha256(JSON.stringify([id, path, line, detail])).replace("sha256:", "");
  const names = new Set(evidence.gates.filter(isBlocking).map(nameOf));
  const gates = evidence.gates.map((gate) => ({
    ...gate,
    finding: isBlocking(gate) ? shortened(nameOf(gate), names) : null,
  }));
  return { ...evidence, gates };
}

function shortened(name: string, names: ReadonlySet<string>): string {
  for (let length = SHORTEST; length < name.length; length += 4) {
    const short = name.slice(0, length);
    if ([...names].filter((other) => other.startsWith(short)).length === 1) return short;
  }
  return name;
}

/** What blocks and nobody has accepted. */
export function openFindings({ gates, overrides }: Evidence): readonly Gate[] {
  const accepted = new Set(overrides.map(({ finding }) => finding));
  return gates.filter((gate) => isBlocking(gate) && !accepted.has(gate.finding ?? ""));
}

/** Evidence with these findings accepted, judged again. `supersedes` is the digest of the evidence given. */
export function acceptFindings(
  evidence: Evidence,
  findings: readonly string[],
  { supersedes, ...who }: Pick<Override, "by" | "at" | "comment"> & { readonly supersedes: Digest },
): Evidence {
  const wanted = openFindings(evidence).filter(({ finding }) => findings.includes(finding ?? ""));
  const asked: readonly Override[] = wanted.map(({ id, path, finding }) => ({
    finding: finding ?? "",
    gate: id,
    path,
    ...who,
    oldTests: [],
  }));
  const open = openFindings({ ...evidence, overrides: [...evidence.overrides, ...asked] });
  const stillOpen = new Set(open.map(({ path }) => path));
  const overrides = asked.map((one) => ({
    ...one,
    oldTests: stillOpen.has(one.path) ? [] : oldTestsIn(evidence, one),
  }));
  const all = [...evidence.overrides, ...overrides];
  const excused = new Set(all.flatMap(({ oldTests }) => oldTests).map(({ file }) => file));
  const oldToFail = evidence.tests.oldToFail.filter(({ key }) => !excused.has(key.file));
  const judged = judgeWithout(evidence, { gates: open, oldToFail });
  return { ...evidence, overrides: all, supersedes, ...judged };
}

/** Gates that look at what became of the base's tests: their findings are why those fail as they were. */
const ABOUT_OLD_TESTS: readonly GateId[] = [
  "tests-kept",
  "assertions-kept",
  "existing-tests-unchanged",
  "snapshots-kept",
];

function oldTestsIn({ tests }: Evidence, { gate, path }: Override): readonly TestKey[] {
  if (!ABOUT_OLD_TESTS.includes(gate)) return [];
  return tests.oldToFail.map(({ key }) => key).filter(({ file }) => file === path);
}

function isBlocking({ result }: Gate): boolean {
  return result === "block";
}
