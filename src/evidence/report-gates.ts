import type { Gate } from "./gate.ts";
import { inlineCode, table } from "./markdown.ts";

/** What the gates found; those that passed are only counted. */
export function gateTable(all: readonly Gate[], most: number): string {
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
  const page = table(["result", "gate", "where", "what"], rows, most);
  return `### How the tests were treated\n\n${page}\n\n${passed} gates passed.`;
}
