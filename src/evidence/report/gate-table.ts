import type { Evidence } from "../evidence.ts";
import { openFindings } from "../override.ts";
import { inlineCode, table } from "./markdown.ts";
import { howToAccept, resultCell } from "./overrides.ts";

/** What the gates found; those that passed are only counted. */
export function gateTable(evidence: Evidence, most: number): string {
  const { gates: all, overrides } = evidence;
  const found = all.filter((gate) => gate.result !== "pass");
  const passed = all.length - found.length;
  if (found.length === 0) return `### How the tests were treated\n\nAll ${passed} gates passed.`;
  const rows = found.map((gate) => [
    resultCell(gate, overrides),
    gate.id,
    gate.path === null
      ? ""
      : inlineCode(`${gate.path}${gate.line === null ? "" : `:${gate.line}`}`),
    inlineCode(gate.detail),
  ]);
  const page = table(["result", "gate", "where", "what"], rows, most);
  const accept = howToAccept(openFindings(evidence));
  return ["### How the tests were treated", page, `${passed} gates passed.`, accept]
    .filter((part) => part !== "")
    .join("\n\n");
}
