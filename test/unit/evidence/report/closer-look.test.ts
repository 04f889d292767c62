import { expect, it } from "vitest";
import { reportParts } from "../../../../src/evidence/report/report.ts";
import { evidenceOf } from "../../../fakes/evidence.ts";

const page = (...given: Parameters<typeof evidenceOf>) =>
  reportParts(evidenceOf(...given))
    .map(({ text }) => text)
    .join("\n\n");

it("names what no test needs, which lines never ran and what is new to compilers", () => {
  const passed = { end: "exit", exitCode: 0, durationMs: 1 } as const;
  const shown = page(undefined, undefined, {
    hunks: [
      { path: "a`.js", line: 4, lines: 3, neededBy: [], note: "It only imports." },
      {
        path: "needed.js",
        line: 1,
        lines: 1,
        neededBy: [{ file: "", name: "x", ordinal: 1 }],
        note: null,
      },
    ],
    coverage: {
      tool: "V8",
      changedLines: 3,
      coveredLines: 1,
      uncovered: [{ path: "a.js", lines: [5, 6] }],
      unknown: [{ path: "b.vue", reason: "Built." }],
    },
    checks: {
      build: null,
      types: {
        command: "tsc",
        base: passed,
        head: { ...passed, exitCode: 2 },
        news: ["a.ts: <b>@x"],
      },
      lint: { command: "eslint", base: passed, head: { ...passed, exitCode: 1 }, news: [] },
    },
  });
  expect(shown).toContain("### What no test needs (1)");
  expect(shown).toContain("- ``a`.js:4-6``: It only imports.");
  expect(shown).toContain("1 of 3 changed lines of code ran in the tests (V8).");
  expect(shown).toContain("- never ran: `a.js:5,6`\n- not known: `b.vue`: `Built.`");
  expect(shown).toContain("| types | `tsc` | passes | exit 2 | 🔎 1 new |");
  expect(shown).toContain("- `a.ts: <b>@x`");
  expect(shown).toContain("| lint | `eslint` | passes | exit 1 | 🔎 fails now |");
});

it("says why it isn't known which lines ran, and nothing of other things that weren't looked at", () => {
  const shown = page();
  expect(shown).not.toMatch(/no test needs|Build, lint/);
  expect(shown).toContain(
    "### Coverage of the changed lines\n\nNot measured: `No changed line of the source was looked at.`",
  );
  expect(page(undefined, undefined, { verdict: "unverified" })).not.toContain("Not measured");
});
