import { toFailure } from "../errors.ts";
import { type Basis, measuredText } from "../evidence/basis.ts";
import { type Evidence, recordsOf, suitesOf } from "../evidence/evidence.ts";
import { readEvidence } from "../evidence/read-evidence.ts";
import { classify } from "../evidence/tests/classify.ts";
import { judge } from "../evidence/verdict.ts";
import { FIXED, logPath, logTailPath, reportPath } from "./bundle.ts";
import { firstDifference } from "./difference.ts";
import type { BundleFile, Sha256 } from "./manifest.ts";
import { broken, holds, type Point } from "./point.ts";
import { readBasis } from "./read-basis.ts";
import { parseJson } from "./read-json.ts";

/** By path, without manifest and envelope. */
export type Files = ReadonlyMap<string, BundleFile>;

/** What a bundle says, read and checked; without `evidence` it can't be read at all. */
export type Contents = {
  readonly points: readonly Point[];
  readonly evidence?: Evidence;
  readonly basis?: Basis;
};

/** Whether the files agree with each other: every run is there, and the verdict follows from what was recorded. */
export function checkContents(files: Files, sha256: Sha256): Contents {
  const evidence = readEvidenceFile(files);
  if (typeof evidence === "string") return { points: [broken("evidence.json", evidence)] };
  const points = [checkPatch(evidence, files, sha256), checkEgress(evidence, files)];
  const basis = readBasis(files);
  if (typeof basis === "string") return { evidence, points: [...points, broken("reports", basis)] };
  try {
    const more = [
      checkMeasured(evidence, basis, sha256),
      checkRuns(evidence, basis),
      checkComplete(evidence, basis, files),
      ...checkLogs(evidence, files, sha256),
      ...checkVerdict(evidence, basis),
    ];
    return { evidence, basis, points: [...points, ...more] };
  } catch (error) {
    const why = `What was recorded can't be judged (${toFailure(error).message}).`;
    return { evidence, points: [...points, broken("reports", why)] };
  }
}

function readEvidenceFile(files: Files): Evidence | string {
  try {
    return readEvidence(parseJson(files.get("evidence.json")));
  } catch (error) {
    return toFailure(error).message.replaceAll(/\s*\n\s*/g, " ");
  }
}

function checkPatch({ patchSha256 }: Evidence, files: Files, sha256: Sha256): Point {
  const patch = files.get("patch.diff");
  if (patch !== undefined && sha256(patch.data) === patchSha256) {
    return holds("patch.diff", "the patch that the evidence names");
  }
  return broken("patch.diff", "It is not the patch that evidence.json names.");
}

function checkEgress({ refusals }: Evidence, files: Files): Point {
  const at = firstDifference(parseJson(files.get("egress.json")), { refusals });
  return at === undefined
    ? holds("egress.json", "the refusals that the evidence names")
    : broken("egress.json", `It differs from evidence.json at ${at || "its root"}.`);
}

function checkMeasured(evidence: Evidence, basis: Basis, sha256: Sha256): Point {
  const measured = sha256(new TextEncoder().encode(measuredText(basis, evidence)));
  return measured === evidence.measuredSha256
    ? holds("measured", `sha256:${measured}, to be found in the head commit's trailer`)
    : broken("measured", "The reports are not those that the evidence names as measured.");
}

/** Coverage (R2b, R2c), the change without parts of it (R5), and what isn't a test (R6). */
const WITHOUT_REPORT = /^R(?:2[a-z]|[56])/;

/** The runs of tests come first; what comes after them has no results test by test. */
function checkRuns({ commands }: Evidence, basis: Basis): Point {
  const records = recordsOf(basis.runs);
  const rest = commands.slice(records.length);
  const stray = rest.find(({ id }) => !WITHOUT_REPORT.test(id));
  if (stray !== undefined) return broken(`reports of ${stray.id}`, "There is no report of it.");
  const at = firstDifference(plain(records), commands.slice(0, records.length));
  if (at === undefined) return holds("reports", `${records.length} runs, as in evidence.json`);
  const id = records[Number(/^\[(\d+)\]/.exec(at)?.[1] ?? 0)]?.id;
  return broken(`reports of ${id}`, `They differ from evidence.json at commands${at}.`);
}

function checkComplete({ commands }: Evidence, { runs }: Basis, files: Files): Point {
  const logs = commands.map(({ id }) => (files.has(logTailPath(id)) ? logTailPath : logPath)(id));
  const needed = [...FIXED, ...suitesOf(runs).map(({ id }) => reportPath(id)), ...logs];
  const missing = needed.filter((path) => !files.has(path));
  const wanted = new Set<string>(needed);
  const odd = [...files.keys()].filter((path) => !wanted.has(path));
  if (missing.length > 0) return broken(missing.join(", "), "A complete bundle has it.");
  if (odd.length > 0) return broken(odd.join(", "), "It doesn't belong into a bundle.");
  return holds("completeness", `${files.size} files, a log of each of ${commands.length} runs`);
}

function checkLogs({ commands }: Evidence, files: Files, sha256: Sha256): readonly Point[] {
  const points = commands.flatMap(({ id, logSha256, logTail }): readonly Point[] => {
    const whole = files.get(logPath(id));
    const tail = files.get(logTailPath(id));
    if (whole !== undefined && sha256(whole.data) !== logSha256) {
      return [broken(logPath(id), "It is not the log that the evidence names.")];
    }
    if (tail !== undefined && new TextDecoder().decode(tail.data) !== logTail) {
      return [broken(logTailPath(id), "It is not the end of the log that evidence.json holds.")];
    }
    return [];
  });
  return points.length > 0 ? points : [holds("logs", "those that the evidence names")];
}

/** Judged again, from the results of each test. */
function checkVerdict(evidence: Evidence, { runs, touched }: Basis): readonly Point[] {
  const tests = classify(runs, touched);
  const judged = judge({ ...evidence, runs, tests });
  const { verdict, reasons } = evidence;
  const inTests = firstDifference(plain(tests), evidence.tests);
  const inVerdict = firstDifference(plain(judged), { verdict, reasons });
  return [
    inTests === undefined
      ? holds(
          "tests",
          `${evidence.tests.failToPass.length} fail without the change and pass with it`,
        )
      : broken("tests", `evidence.json differs from the reports at tests.${inTests}.`),
    inVerdict === undefined
      ? holds("verdict", verdict)
      : broken(
          "verdict",
          `The recorded results come to ${judged.verdict}, not ${verdict} (${inVerdict}).`,
        ),
  ];
}

/** As it would be read back. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
