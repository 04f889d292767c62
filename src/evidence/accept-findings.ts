import type { Digest } from "../artifact/artifact.ts";
import type { Basis } from "./basis.ts";
import type { Evidence } from "./evidence.ts";
import type { Gate } from "./gate.ts";
import { isBlocking, type Override, openFindings, splitOldTests } from "./override.ts";
import { judge } from "./verdict.ts";

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

export type Acceptance = Pick<Override, "by" | "at" | "comment"> & {
  readonly findings: readonly string[];
  /** Digest of the evidence given. */
  readonly supersedes: Digest;
};

/** The same evidence with these findings accepted, judged again. All other rules stand: nobody can accept a failing test. */
export function acceptFindings(
  evidence: Evidence,
  { runs }: Pick<Basis, "runs">,
  { findings, supersedes, ...who }: Acceptance,
): Evidence {
  const wanted = openFindings(evidence).filter(({ finding }) => findings.includes(finding ?? ""));
  const asked = wanted.map(
    ({ id, path, finding }): Override => ({
      finding: finding ?? "",
      gate: id,
      path,
      ...who,
      oldTests: [],
    }),
  );
  const overrides = [...evidence.overrides, ...asked];
  const { accepted } = splitOldTests({ ...evidence, overrides }, evidence.tests.oldToFail);
  const withTests = overrides.map((one) => ({
    ...one,
    oldTests: accepted.map(({ key }) => key).filter(({ file }) => file === one.path),
  }));
  return {
    ...evidence,
    overrides: withTests,
    supersedes,
    ...judge({ ...evidence, runs, overrides: withTests }),
  };
}
