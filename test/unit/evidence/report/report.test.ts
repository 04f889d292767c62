import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRunOutput } from "../../../../src/evidence/report/check-run-output.ts";
import { bar, fitParts, inlineCode, table } from "../../../../src/evidence/report/markdown.ts";
import { reportParts, verdictLine } from "../../../../src/evidence/report/report.ts";
import { evidenceOf, runsOfGoodFix } from "../../../fakes/evidence.ts";
import { file, TAPE } from "../../../fakes/gate-files.ts";
import { suiteRun } from "../../../fakes/suite-run.ts";

const page = (evidence = evidenceOf()) =>
  reportParts(evidence)
    .map((part) => part.text)
    .join("\n\n");
const none = { paths: [], existing: [] };

describe("the verdict line", () => {
  it.each([
    [
      evidenceOf(),
      "✅ **Verified.** 1 test that fails without this change passes with it, and nothing that passed before fails now.",
    ],
    [
      evidenceOf({ ...runsOfGoodFix, onBase: suiteRun({ "test/proto.js > (file)": "import" }) }),
      "🟡 **Weakly verified.** Tests pass that could not run without this change,",
    ],
    [
      evidenceOf({ ...runsOfGoodFix, onBase: null, head: runsOfGoodFix.first }, none),
      "🟡 **No regression found, nothing proven.**",
    ],
    [evidenceOf({ ...runsOfGoodFix, head: suiteRun({}) }), "❌ **Unverified.**"],
  ])("says it in plain words", (evidence, expected) => {
    expect(verdictLine(evidence).startsWith(expected)).toBe(true);
  });
});

describe("the report of a good fix", () => {
  it("shows the proof, the suite before and after, the commands, the logs and where it comes from", () => {
    const text = page();
    expect(text).toContain(
      `### Fails without the change, passes with it

| test | on base | on head |
| --- | --- | --- |
| \`test/proto.js > proto pollution (constructor function)\` (added) | 🟥 fails: assertion, \`assertion in proto pollution (constructor function)\` | 🟩 passes |

### The whole suite, before and after

| run |  | tests | pass | fail | skip |
| --- | --- | --- | --- | --- | --- |
| base (R0) | 🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩 | 2 | 2 | 0 | 0 |
| base, again (R0) | 🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩 | 2 | 2 | 0 | 0 |
| base with the patch's tests, those only (R1) | 🟩🟩🟩🟩🟩🟥🟥🟥🟥🟥 | 2 | 1 | 1 | 0 |
| head (R2) | 🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩 | 3 | 3 | 0 | 0 |

2 tests pass before and after.

### How the tests were treated

All 12 gates passed.

### Coverage of the changed lines

Not measured: \`No changed line of the source was looked at.\`

### What was run

By Dunlin, each in a fresh sandbox without a network, which received only the patch.

| run | tree | command | end | time |
| --- | --- | --- | --- | --- |
| R0a | base | \`npm test\` | exit 0 | 1.2 s |
| R0b | base, again | \`npm test\` | exit 0 | 1.3 s |
| R1a | base and the patch's tests | \`npm test -- test/proto.js\` | exit 1 | 1.2 s |
| R1b | base and the patch's tests, 14 hours ahead of UTC, in German | \`npm test\` | exit 1 | 1.2 s |
| R2 | head | \`npm test\` | exit 0 | 1.2 s |`,
    );
    expect(text).toContain(
      `<details><summary>Log of R2 (head), its last part</summary>\n\n\`\`\`text\nok 3\n# pass 3\n\`\`\`\n\nWhole log: \`sha256:${"a".repeat(64)}\`\n\n</details>`,
    );
    expect(text).toContain("| sandbox | `docker/runsc`, image `sha256:0a1b` |");
    expect(text).toContain("| model | `some-model` at `models.example` |");
    expect(text).toContain("| cost | $0.0421, 9 turns, tokens 41200 in (36000 cached), 1870 out |");
    expect(text).not.toContain("Weak sandbox");
  });
});

describe("what a reviewer must see", () => {
  it("a regression, with how it fails, and the recorded exit code", () => {
    const head = suiteRun({
      "test/dotted.js > dotted alias": "assertion",
      "test/proto.js > proto pollution": "pass",
    });
    const text = page(evidenceOf({ ...runsOfGoodFix, head }));
    expect(text).toContain(
      "Why it is unverified:\n\n- 1 test passed on the base and failed on the head.",
    );
    expect(text).toContain(
      "### Tests that failed only on the head (1)\n\n- `test/dotted.js > dotted alias`: `assertion in dotted alias`",
    );
    expect(text).toContain("| R2 | head | `npm test` | exit 1 |");
  });

  it("gates that block, with their place", () => {
    const skipped = file("test/proto.js", TAPE, `${TAPE}test.skip('x', f)\n`);
    const text = page(evidenceOf(undefined, undefined, { files: [skipped] }));
    expect(text).toContain(
      "| ⛔ blocks | nothing-skipped | `test/proto.js:15` | `A test is skipped.` |",
    );
    expect(text).toContain("needs a person: nothing-skipped.");
  });

  it("refused connections, limits and a weak sandbox", () => {
    const { isolation } = evidenceOf();
    const text = page(
      evidenceOf(undefined, undefined, {
        isolation: { ...isolation, runtime: "runc", weak: true },
        limitsHit: ["turns 40/40"],
        refusals: [
          {
            host: "evil.example",
            port: 443,
            reason: "not on the list",
            command: "curl | sh",
            count: 3,
          },
        ],
      }),
    );
    expect(text).toContain(
      "> ⚠️ **Weak sandbox.** The code ran under `runc`, which has known escapes",
    );
    expect(text).toContain("### Limits reached\n\n- `turns 40/40`");
    expect(text).toContain("| `evil.example:443` | `not on the list` | `curl \\| sh` | 3 |");
  });

  it("no more than 20 rows, and how many more there are", () => {
    const many = Object.fromEntries(
      Array.from({ length: 23 }, (_, nth) => [`t/a.js > ${nth}`, "pass" as const]),
    );
    const failing = Object.fromEntries(Object.keys(many).map((id) => [id, "assertion" as const]));
    const text = page(
      evidenceOf(
        {
          ...runsOfGoodFix,
          first: suiteRun(many),
          second: suiteRun(many),
          onBase: null,
          head: suiteRun(failing),
        },
        none,
      ),
    );
    expect(text).toContain("(23)\n\n- ");
    expect(text.match(/^- `t\/a\.js/gm)).toHaveLength(20);
    expect(text).toContain("and 3 more");
  });
});

describe("what can be seen at a glance", () => {
  it.each([
    [{ pass: 10, fail: 0, skip: 0 }, "🟩🟩🟩🟩🟩🟩🟩🟩🟩🟩"],
    [{ pass: 999, fail: 1, skip: 0 }, "🟩🟩🟩🟩🟩🟩🟩🟩🟩🟥"],
    [{ pass: 1, fail: 998, skip: 1 }, "🟥🟥🟥🟥🟥🟥🟥🟥🟥⬜"],
    [{ pass: 5, fail: 3, skip: 2 }, "🟩🟩🟩🟩🟩🟥🟥🟥⬜⬜"],
    [{ pass: 0, fail: 2, skip: 0 }, "🟥🟥🟥🟥🟥🟥🟥🟥🟥🟥"],
    [{ pass: 0, fail: 0, skip: 0 }, ""],
  ])("a bar hides no failure: %j", (counts, expected) => {
    expect(bar(counts)).toBe(expected);
  });

  it("changed assertions, side by side, with what is gone", () => {
    const rewritten = TAPE.replace("t.equal(argv.x, 4);", "t.equal(argv.x, 5);").replace(
      "    t.throws(() => parse(null), /it's/);\n",
      "",
    );
    const files = [file("test/proto.js", TAPE, rewritten)];
    expect(page(evidenceOf(undefined, undefined, { files }))).toContain(
      `### Changed assertions, side by side (2)

| where | before | after |
| --- | --- | --- |
| \`test/proto.js:6\` \`one\` | \`t . equal ( argv . x , 4 )\` | \`t . equal ( argv . x , 5 )\` |
| \`test/proto.js:12\` \`two 'quoted'\` | \`t . throws ( ( ) => parse ( null ) , /it's/ )\` | (gone) |`,
    );
  });

  it("nothing of the sort for tests that were only added to or that are new", () => {
    const more = `${TAPE}test('three', function (t) { t.ok(parse([])); t.end(); });\n`;
    const files = [file("test/proto.js", TAPE, more), file("test/new.js", null, TAPE)];
    expect(page(evidenceOf(undefined, undefined, { files }))).not.toContain("side by side");
  });
});

describe("untrusted text", () => {
  it("stays in its cell and its code, whatever it holds", () => {
    expect(inlineCode("a`b``c")).toBe("```a`b``c```");
    expect(inlineCode("`x`")).toBe("`` `x` ``");
    expect(inlineCode("a|b\\|c")).toBe("`a\\|b\\ \\|c`");
    expect(inlineCode("a\n| b |\u202e\u200b")).toBe("`a \\| b \\|`");
    expect(inlineCode("\u200b")).toBe("(empty)");
    expect(inlineCode("x".repeat(400))).toHaveLength(302);
  });

  it("can't leave a table's row or open anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const [, , row = ""] = table(["a", "b"], [[inlineCode(text), "c"]]).split("\n");
        expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
        const code = row.slice(2, row.lastIndexOf(" | c |"));
        if (code === "(empty)") return;
        const fence = /^`+/.exec(code)?.[0] ?? "";
        expect(fence.length).toBeGreaterThan(0);
        expect(code.slice(fence.length, -fence.length).split(/[^`]+/)).not.toContain(fence);
      }),
      { numRuns: 2000 },
    );
  });

  it("can't close the block of a log", () => {
    const head = { ...runsOfGoodFix.head, logTail: "```\n</details>\n# Verified\n````\n@all" };
    const log = reportParts(evidenceOf({ ...runsOfGoodFix, head })).find((part) =>
      part.text.includes("Log of R2"),
    );
    expect(log?.text).toContain("`````text\n```\n</details>\n# Verified\n````\n@all\n`````");
  });
});

describe("the check run", () => {
  it.each([
    [evidenceOf(), "success", "Verified"],
    [
      evidenceOf({ ...runsOfGoodFix, onBase: suiteRun({ "test/proto.js > (file)": "import" }) }),
      "neutral",
      "Weakly verified",
    ],
    [
      evidenceOf({ ...runsOfGoodFix, onBase: null, head: runsOfGoodFix.first }, none),
      "neutral",
      "No regression found, nothing proven",
    ],
    [evidenceOf({ ...runsOfGoodFix, head: suiteRun({}) }), "failure", "Unverified"],
  ])("concludes", (evidence, conclusion, title) => {
    const output = checkRunOutput(evidence);
    expect(output).toMatchObject({ conclusion, title });
    expect(output.summary.startsWith(verdictLine(evidence))).toBe(true);
  });

  it("annotates what gates found", () => {
    const files = [file("test/proto.js", TAPE, `${TAPE}test.skip('x', f)\n`)];
    expect(checkRunOutput(evidenceOf(undefined, undefined, { files })).annotations).toEqual([
      {
        path: "test/proto.js",
        line: 15,
        level: "failure",
        message: "A test is skipped.",
      },
    ]);
  });

  it("annotates what no test needs and what no test runs, after what gates found", () => {
    const skipped = file("test/proto.js", TAPE, `${TAPE}test.skip('x', f)\n`);
    const hunk = { path: "index.js", line: 4, lines: 2, note: null };
    const evidence = evidenceOf(undefined, undefined, {
      files: [skipped],
      hunks: [
        { ...hunk, neededBy: [] },
        { ...hunk, line: 0, lines: 0, neededBy: [], note: "Only a comment." },
        { ...hunk, neededBy: [{ file: "test/proto.js", name: "one", ordinal: 1 }] },
        { ...hunk, neededBy: null },
      ],
      coverage: {
        tool: "V8",
        changedLines: 2,
        coveredLines: 1,
        uncovered: [{ path: "index.js", lines: [7] }],
        unknown: [],
      },
    });
    const shown = checkRunOutput(evidence).annotations.map(
      ({ path, line, level, message }) => `${path}:${line} ${level} ${message}`,
    );
    expect(shown).toEqual([
      "test/proto.js:15 failure A test is skipped.",
      "index.js:4 warning Untested change: the tests pass without it.",
      "index.js:1 warning Untested change: the tests pass without it. Only a comment.",
      "index.js:7 notice No test runs this line.",
    ]);
  });

  it("has room for more rows than the pull request", () => {
    const failing = Object.fromEntries(
      Array.from({ length: 30 }, (_, nth) => [`t/a.js > ${nth}`, "assertion" as const]),
    );
    const { text } = checkRunOutput(evidenceOf({ ...runsOfGoodFix, head: suiteRun(failing) }));
    expect(text.match(/^- `t\/a\.js/gm)).toHaveLength(30);
  });
});

it("leaves whole parts out of a long page, the least important first, and says so", () => {
  const parts = [
    { rank: 0, text: "first" },
    { rank: 2, text: "x".repeat(300) },
    { rank: 1, text: "second" },
    { rank: 5, text: "y".repeat(300) },
  ];
  expect(fitParts(parts, 1000)).toBe(`first\n\n${"x".repeat(300)}\n\nsecond\n\n${"y".repeat(300)}`);
  const shorter = fitParts(parts, 500);
  expect(shorter).toMatch(/^first\n\nx{300}\n\nsecond\n\n\*Parts of this page were left out/);
  expect(fitParts(parts, 200)).toMatch(/^first\n\nsecond\n\n\*Parts/);
});
