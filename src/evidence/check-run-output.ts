import type { Evidence } from "./evidence.ts";
import { fitParts } from "./markdown.ts";
import { reportParts, verdictLine } from "./report.ts";
import type { Verdict } from "./verdict.ts";
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

/** Only a verified patch is a success; what proves nothing is neutral. */
export function checkRunOutput(evidence: Evidence): CheckRunOutput {
  const parts = reportParts(evidence);
  const short = parts.filter((part) => part.rank <= 1);
  return {
    conclusion: CONCLUSIONS[evidence.verdict],
    title: TITLES[evidence.verdict],
    summary: fitParts([{ rank: 0, text: verdictLine(evidence) }, ...short], MAX_LENGTH),
    text: fitParts(parts, MAX_LENGTH),
    annotations: annotations(evidence),
  };
}

function annotations({ gates }: Evidence): CheckRunOutput["annotations"] {
  return gates
    .flatMap((gate) => {
      if (gate.result === "pass" || gate.path === null || gate.line === null) return [];
      const level = gate.result === "block" ? ("failure" as const) : ("warning" as const);
      return [{ path: gate.path, line: gate.line, level, message: oneLine(gate.detail, 500) }];
    })
    .slice(0, MAX_ANNOTATIONS);
}
