import { formatKey } from "../check/suite.ts";
import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { judge } from "../evidence/verdict.ts";
import { firstDifference } from "./difference.ts";
import { broken, holds, type Point } from "./point.ts";

/** What was recorded beside what came of running all of it again, on another machine maybe. */
export function compareAgain(
  recorded: Evidence,
  again: { readonly evidence: Evidence; readonly basis: Basis },
): readonly Point[] {
  const { evidence, basis } = again;
  const { overrides } = recorded;
  // What people accepted of the findings is no matter of the machine.
  const facts = { ...evidence, overrides, runs: basis.runs };
  const { verdict, reasons } = judge(facts);
  const why = reasons.map(({ detail }) => detail).join(" ");
  return [
    verdict === recorded.verdict
      ? holds("verdict, again", verdict)
      : broken("verdict, again", `Here it is ${verdict}, not ${recorded.verdict}. ${why}`.trim()),
    compareProofs(recorded, evidence),
    compareGates(recorded, evidence),
    compareImages(recorded, evidence),
  ];
}

function compareProofs(recorded: Evidence, again: Evidence): Point {
  const [before, now] = [proofsOf(recorded), proofsOf(again)];
  const gone = before.filter((name) => !now.includes(name));
  const more = now.filter((name) => !before.includes(name));
  if (gone.length + more.length === 0) {
    return holds("fail-to-pass tests, again", `the same ${before.length}`);
  }
  const said = [
    ...gone.map((name) => `${name} proves nothing here.`),
    ...more.map((name) => `${name} is not recorded.`),
  ];
  return broken("fail-to-pass tests, again", said.slice(0, 10).join(" "));
}

function proofsOf({ tests }: Evidence): readonly string[] {
  return tests.failToPass.map(({ key, strength }) => `${formatKey(key)} (${strength})`);
}

function compareGates(recorded: Evidence, again: Evidence): Point {
  const at = firstDifference(JSON.parse(JSON.stringify(again.gates)), recorded.gates);
  return at === undefined
    ? holds("gates, again", `the same ${recorded.gates.length} findings`)
    : broken("gates, again", `They say something else at gates${at}.`);
}

/** Another image may do; a person should know. */
function compareImages({ isolation }: Evidence, again: Evidence): Point {
  const [before, now] = [isolation.imageDigest, again.isolation.imageDigest];
  const detail =
    before === now ? `the same, ${now}` : `another one here (${now}), so versions may differ`;
  return holds("sandbox image", detail);
}
