import { formatKey } from "../../check/suite.ts";
import type { Evidence } from "../evidence.ts";
import type { Gate } from "../gate.ts";
import type { Override } from "../override.ts";
import { inlineCode, list, table } from "./markdown.ts";

/** What people have accepted of what gates found, as a part of a page. */
export function overridesTable({ overrides, supersedes }: Evidence): string {
  if (overrides.length === 0) return "";
  const rows = overrides.map((one) => [
    inlineCode(one.finding),
    one.gate,
    one.path === null ? "" : inlineCode(one.path),
    inlineCode(one.by),
    one.at.slice(0, 10),
    commentLink(one.comment),
  ]);
  const old = overrides.flatMap(({ oldTests }) => oldTests.map(formatKey));
  return [
    `### Accepted by people (${overrides.length})`,
    "Findings about the tests that somebody with write access took for right. No failing test can be accepted so.",
    table(["finding", "gate", "where", "by", "on", "said in"], rows),
    ...(old.length === 0
      ? []
      : [
          `Accepted with them, tests of the base that fail on the head as they were:\n\n${list(old.map((one) => inlineCode(one)))}`,
        ]),
    ...(supersedes === null ? [] : [`The evidence before: ${inlineCode(supersedes)}`]),
  ].join("\n\n");
}

/** The verdict line's last words. */
export function acceptedWords({ overrides }: Evidence): string {
  const count = overrides.length;
  if (count === 0) return "";
  return ` People accepted ${count} ${count === 1 ? "finding" : "findings"} about the tests; they stand below.`;
}

/** What a gate came to, in a table's cell. */
export function resultCell(gate: Gate, overrides: readonly Override[]): string {
  if (gate.result !== "block") return "🔎 look";
  const accepted = overrides.find(({ finding }) => finding === gate.finding);
  if (accepted !== undefined) return `☑️ accepted by ${inlineCode(accepted.by)}`;
  return gate.finding === null ? "⛔ blocks" : `⛔ blocks, ${inlineCode(gate.finding)}`;
}

/** How a person accepts what blocks; empty when nothing does. */
export function howToAccept(open: readonly Gate[]): string {
  const named = open.filter(({ finding }) => finding !== null);
  if (named.length === 0) return "";
  return "If a change of the tests is meant, somebody with write access can say so: mention Dunlin with `accept-test-change` and the finding's name in a comment on the pull request.";
}

function commentLink(url: string): string {
  return /^https?:\/\/[\w.:@/#?=&%~+-]+$/.test(url) ? `[comment](${url})` : inlineCode(url);
}
