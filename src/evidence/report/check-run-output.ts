import type { Evidence } from "../evidence.ts";
import type { Gate } from "../gate.ts";
import { openFindings } from "../override.ts";
import type { Verdict } from "../verdict.ts";
import { fitParts } from "./markdown.ts";
import { reportParts, verdictLine } from "./report.ts";
import { oneLine } from "./visible-text.ts";

/** What a check run shows of the evidence. */
export type CheckRunOutput = {
  readonly conclusion: "success" | "neutral" | "failure";
  readonly title: string;
  /** At most 65,535 characters, as `text`. */
  readonly summary: string;
  readonly text: string;
  /** At most 50. `line` is 1-based in the head's file. */
  readonly annotations: readonly {
    readonly path: string;
    readonly line: number;
    readonly level: "notice" | "warning" | "failure";
    readonly message: string;
  }[];
};

const MAX_LENGTH = 65_535;
const MAX_ANNOTATIONS = 50;
const CHECK_RUN_ROWS = 200;
const CONCLUSIONS: Readonly<Record<Verdict, CheckRunOutput["conclusion"]>> = {
  verified: "success",
  verified_weak: "neutral",
  verified_no_new_test: "neutral",
  unverified: "failure",
};
const TITLES: Readonly<Record<Verdict, string>> = {
  verified: "Verified",
  verified_weak: "Weakly verified",
  verified_no_new_test: "No regression found, nothing proven",
  unverified: "Unverified",
};

/**
 * Only a verified patch is a success; what proves nothing is neutral. `bundle` says where the whole record can be had, in
 * Dunlin's own words.
 */
export function checkRunOutput(evidence: Evidence, bundle = ""): CheckRunOutput {
  const parts = [...reportParts(evidence, CHECK_RUN_ROWS), { rank: 1, text: bundle }];
  const short = parts.filter((part) => part.rank <= 1);
  return {
    conclusion: CONCLUSIONS[evidence.verdict],
    title: TITLES[evidence.verdict],
    summary: fitParts([{ rank: 0, text: verdictLine(evidence) }, ...short], MAX_LENGTH),
    text: fitParts(parts, MAX_LENGTH),
    annotations: annotations(evidence),
  };
}

type Annotation = CheckRunOutput["annotations"][number];

/** What blocks first, then what to look at, then what no test needs and what no test runs. */
function annotations(evidence: Evidence): readonly Annotation[] {
  const of = (level: Annotation["level"], path: string, line: number, message: string) => ({
    path,
    line: Math.max(1, line),
    level,
    message: oneLine(message, 500),
  });
  const found = (gates: readonly Gate[], level: Annotation["level"]) =>
    gates.flatMap(({ path, line, detail, finding }) =>
      path !== null && line !== null ? [of(level, path, line, named(detail, finding))] : [],
    );
  const { gates, hunks, coverage } = evidence;
  const open = openFindings(evidence);
  const look = gates.filter((gate) => gate.result !== "pass" && !open.includes(gate));
  const unneeded = hunks
    .filter(({ neededBy }) => neededBy?.length === 0)
    .map(({ path, line, note }) =>
      of("warning", path, line, `Untested change: the tests pass without it. ${note ?? ""}`.trim()),
    );
  const notRun = "uncovered" in coverage ? coverage.uncovered : [];
  const uncovered = notRun.flatMap(({ path, lines }) =>
    lines.map((line) => of("notice", path, line, "No test runs this line.")),
  );
  return [...found(open, "failure"), ...found(look, "warning"), ...unneeded, ...uncovered].slice(
    0,
    MAX_ANNOTATIONS,
  );
}

/** With the name by which a person can accept it. */
function named(detail: string, finding: string | null): string {
  return finding === null ? detail : `${oneLine(detail, 450)} (finding ${finding})`;
}
