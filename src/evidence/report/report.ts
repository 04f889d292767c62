import type { Evidence } from "../evidence.ts";
import { checks, coverage, unneeded } from "./closer-look.ts";
import { gateTable } from "./gate-table.ts";
import type { Part } from "./markdown.ts";
import { inlineCode, list, PAGE_ROWS } from "./markdown.ts";
import { acceptedWords, overridesTable } from "./overrides.ts";
import { commands, dependencies, limits, log, provenance, refusals } from "./runs.ts";
import { changes, countsTable, failToPassTable, testChanges } from "./tests.ts";
import { oneLine } from "./visible-text.ts";

/** The verdict in plain words: the first line of a pull request. */
export function verdictLine(evidence: Evidence): string {
  return verdictWords(evidence) + acceptedWords(evidence);
}

function verdictWords({ verdict, tests }: Evidence): string {
  const strong = tests.failToPass.filter((test) => test.strength === "strong").length;
  const passes = `${strong} ${strong === 1 ? "test that fails" : "tests that fail"} without this change ${strong === 1 ? "passes" : "pass"} with it`;
  switch (verdict) {
    case "verified":
      return `✅ **Verified.** ${passes}, and nothing that passed before fails now.`;
    case "verified_weak":
      return "🟡 **Weakly verified.** Tests pass that could not run without this change, and nothing that passed before fails now. No test failed by the reported behaviour itself.";
    case "verified_no_new_test":
      return "🟡 **No regression found, nothing proven.** Nothing that passed before fails now, but no test fails without this change and passes with it.";
    case "unverified":
      return "❌ **Unverified.** The checks don't support this change; the reasons stand below.";
  }
}

/**
 * The evidence as Markdown parts, most important first; all untrusted text stands in code. Tables and lists end after
 * `most` rows and count the rest.
 */
export function reportParts(evidence: Evidence, most = PAGE_ROWS): readonly Part[] {
  const { tests } = evidence;
  const of = (rank: number, text: string): Part => ({ rank, text });
  return [
    of(0, reasons(evidence)),
    of(0, overridesTable(evidence)),
    of(0, weakSandbox(evidence)),
    of(0, dependencies(evidence, most)),
    of(1, failToPassTable(tests.failToPass, most)),
    of(1, countsTable(evidence)),
    of(2, changes("Tests that failed only on the head", tests.passToFail, most)),
    of(2, changes("New tests that fail on the head", tests.newToFail, most)),
    of(2, changes("Tests of the base that fail on the head as they were", tests.oldToFail, most)),
    of(2, changes("Tests skipped on the head", tests.passToSkip, most)),
    of(2, changes("Tests gone on the head", tests.removed, most)),
    of(2, gateTable(evidence, most)),
    of(1, checks(evidence)),
    of(2, unneeded(evidence)),
    of(2, coverage(evidence)),
    of(2, testChanges(evidence.testChanges, most)),
    of(3, changes("New tests that pass without the change: no evidence", tests.newToPass, most)),
    of(3, changes("Tests that fail on the base and on the head", tests.failToFail, most)),
    of(3, changes("Tests that differed between two runs: left out", tests.flaky, most)),
    of(3, refusals(evidence, most)),
    of(2, limits(evidence, most)),
    of(1, commands(evidence.commands, most)),
    ...evidence.commands.map((command) => of(5, log(command))),
    of(1, provenance(evidence)),
  ].filter((part) => part.text !== "");
}

function reasons({ reasons }: Evidence): string {
  return reasons.length === 0
    ? ""
    : `Why it is unverified:\n\n${list(reasons.map((reason) => oneLine(reason.detail, 500)))}`;
}

function weakSandbox({ isolation }: Evidence): string {
  if (!isolation.weak) return "";
  return `> ⚠️ **Weak sandbox.** The code ran under ${inlineCode(isolation.runtime)}, which has known escapes; the operator allowed it.`;
}
