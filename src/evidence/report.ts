import { formatKey } from "../check/suite.ts";
import type { Change, Counts } from "./classify.ts";
import type { CommandRecord, Evidence } from "./evidence.ts";
import type { FailToPass } from "./fail-to-pass.ts";
import type { Gate } from "./gate.ts";
import type { Part } from "./markdown.ts";
import { codeBlock, details, inlineCode, list, table } from "./markdown.ts";
import { oneLine } from "./visible-text.ts";

/** The verdict in plain words: the first line of a pull request. */
export function verdictLine({ verdict, tests }: Evidence): string {
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

/** The evidence as Markdown parts, most important first; all untrusted text stands in code. */
export function reportParts(evidence: Evidence): readonly Part[] {
  const { tests, isolation } = evidence;
  return [
    { rank: 0, text: reasons(evidence) },
    { rank: 0, text: weakSandbox(evidence) },
    { rank: 0, text: dependencies(evidence) },
    { rank: 1, text: failToPassTable(tests.failToPass) },
    { rank: 1, text: countsTable(evidence) },
    { rank: 2, text: changes("Tests that failed only on the head", tests.passToFail) },
    { rank: 2, text: changes("New tests that fail on the head", tests.newToFail) },
    {
      rank: 2,
      text: changes("Tests of the base that fail on the head as they were", tests.oldToFail),
    },
    { rank: 2, text: changes("Tests skipped on the head", tests.passToSkip) },
    { rank: 2, text: changes("Tests gone on the head", tests.removed) },
    { rank: 2, text: gates(evidence.gates) },
    {
      rank: 3,
      text: changes("New tests that pass without the change as well: no evidence", tests.newToPass),
    },
    { rank: 3, text: changes("Tests that fail on the base and on the head", tests.failToFail) },
    {
      rank: 3,
      text: changes("Tests that differed from one run to the next: left out", tests.flaky),
    },
    { rank: 3, text: refusals(evidence) },
    { rank: 2, text: limits(evidence) },
    { rank: 1, text: commands(evidence.commands) },
    ...evidence.commands.map((command) => ({ rank: 5, text: log(command) })),
    { rank: 1, text: provenance(evidence, isolation.imageDigest) },
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

function dependencies({ dependencies }: Evidence): string {
  if (dependencies.length === 0) return "";
  const rows = dependencies.map(({ name, from, to, path }) => [
    inlineCode(name),
    from === null ? "(none)" : inlineCode(from),
    to === null ? "(none)" : inlineCode(to),
    inlineCode(path),
  ]);
  const note =
    "They were installed anew before the head's tests and ran together with them: look at each before you trust a result.";
  return `### Changed dependencies (${rows.length})\n\n${note}\n\n${table(["package", "before", "after", "in"], rows)}`;
}

function failToPassTable(tests: readonly FailToPass[]): string {
  if (tests.length === 0) return "";
  const rows = tests
    .toSorted((a, b) => Number(a.strength === "weak") - Number(b.strength === "weak"))
    .map((test) => [
      `${inlineCode(formatKey(test.key))} (${test.origin})`,
      `${test.base.reason === "assertion" || test.base.reason === "exception" ? "fails" : "could not prove"}: ${test.base.reason}, ${inlineCode(test.base.message)}`,
      test.dependsOn === null ? "passes" : `passes here; it is another matter ${test.dependsOn}`,
    ]);
  return `### Fails without the change, passes with it\n\n${table(["test", "on base", "on head"], rows)}`;
}

function countsTable({ tests }: Evidence): string {
  const { first, second, onBase, head, old } = tests.counts;
  const row = (name: string, counts: Counts) =>
    [name, counts.total, counts.pass, counts.fail, counts.skip].map(String);
  const rows = [
    row("base (R0)", first),
    row("base, again (R0)", second),
    ...(onBase === null ? [] : [row("base with the patch's tests, those only (R1)", onBase)]),
    row("head (R2)", head),
    ...(old === null ? [] : [row("head with the base's own tests (R4)", old)]),
  ];
  const head_ = ["run", "tests", "pass", "fail", "skip"];
  return `### The whole suite, before and after\n\n${table(head_, rows)}\n\n${tests.passToPass} ${tests.passToPass === 1 ? "test passes" : "tests pass"} before and after.`;
}

function changes(title: string, tests: readonly Change[]): string {
  if (tests.length === 0) return "";
  const rows = tests.map(
    (test) =>
      inlineCode(formatKey(test.key)) +
      (test.message === "" ? "" : `: ${inlineCode(test.message)}`),
  );
  return `### ${title} (${tests.length})\n\n${list(rows)}`;
}

function gates(all: readonly Gate[]): string {
  const found = all.filter((gate) => gate.result !== "pass");
  const passed = all.length - found.length;
  if (found.length === 0) return `### How the tests were treated\n\nAll ${passed} gates passed.`;
  const rows = found.map((gate) => [
    gate.result === "block" ? "⛔ blocks" : "🔎 look",
    gate.id,
    gate.path === null
      ? ""
      : inlineCode(`${gate.path}${gate.line === null ? "" : `:${gate.line}`}`),
    inlineCode(gate.detail),
  ]);
  return `### How the tests were treated\n\n${table(["result", "gate", "where", "what"], rows)}\n\n${passed} gates passed.`;
}

function refusals({ refusals }: Evidence): string {
  if (refusals.length === 0) return "";
  const rows = refusals.map((refusal) => [
    inlineCode(`${refusal.host}:${refusal.port}`),
    inlineCode(refusal.reason),
    inlineCode(refusal.command),
    String(refusal.count),
  ]);
  const times = refusals.reduce((sum, { count }) => sum + count, 0);
  return `### Blocked requests (${times})\n\n${table(["to", "why", "during", "times"], rows)}`;
}

function limits({ limitsHit }: Evidence): string {
  return limitsHit.length === 0
    ? ""
    : `### Limits reached\n\n${list(limitsHit.map((limit) => inlineCode(limit)))}`;
}

function commands(all: readonly CommandRecord[]): string {
  const rows = all.map((command) => [
    command.id,
    command.tree,
    inlineCode(command.command, 500),
    command.end === "exit" ? `exit ${command.exitCode}` : command.end,
    `${(command.durationMs / 1000).toFixed(1)} s`,
  ]);
  return `### What was run\n\nBy Dunlin, each in a fresh sandbox without a network, which received only the patch.\n\n${table(["run", "tree", "command", "end", "time"], rows)}`;
}

function log(command: CommandRecord): string {
  const body = `${codeBlock(command.logTail, 3000)}\n\nWhole log: \`sha256:${command.logSha256}\``;
  return details(`Log of ${command.id} (${command.tree}), its last part`, body);
}

function provenance(evidence: Evidence, image: string): string {
  const { isolation } = evidence;
  const rows = [
    ["base", inlineCode(evidence.baseSha)],
    ["head", inlineCode(evidence.headSha)],
    ["patch", inlineCode(`sha256:${evidence.patchSha256}`)],
    [
      "sandbox",
      `${inlineCode(`${isolation.provider}/${isolation.runtime}`)}, image ${inlineCode(image)}`,
    ],
    ["tools", inlineCode(`Node ${evidence.nodeVersion ?? "unknown"}, ${evidence.packageManager}`)],
    ...author(evidence),
    ["run", inlineCode(evidence.runId)],
  ];
  return `### Where it comes from\n\n${table(["what", "value"], rows)}`;
}

/** Who made the change: a model, or people who asked for evidence. */
function author({ model, pullRequest }: Evidence): readonly (readonly string[])[] {
  const asked =
    pullRequest === null
      ? []
      : [["asked for by", `${inlineCode(pullRequest.requestedBy)} on #${pullRequest.number}`]];
  if (model === null) return [["model", "none took part"], ...asked];
  const { input, cachedInput, output } = model.tokens;
  const tokens = `${input} in (${cachedInput} cached), ${output} out`;
  return [
    ["model", `${inlineCode(model.name)} at ${inlineCode(model.host)}`],
    ["cost", `$${model.costUsd.toFixed(4)}, ${model.turns} turns, tokens ${tokens}`],
    ...asked,
  ];
}
