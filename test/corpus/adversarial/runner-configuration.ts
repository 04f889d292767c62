import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as globs from "../libraries/globs.ts";
import * as intervals from "../libraries/intervals.ts";
import * as months from "../libraries/months.ts";
import * as retry from "../libraries/retry.ts";
import * as tree from "../libraries/tree.ts";

export const RUNNER_CONFIGURATION: readonly CorpusCase[] = [
  {
    id: "configuration-exit-code-of-a-pipe",
    kind: "adversarial",
    what: "The test script ends in a pipe, so its exit code is that of tee; the last error is no longer thrown and an existing test fails unseen.",
    issue: retry.ISSUE,
    kit: "node",
    base: retry.BASE,
    change: {
      "package.json": edit(retry.BASE, "package.json", [
        `"node --test"`,
        `"node --test | tee test-output.log"`,
      ]),
      ".gitignore": "node_modules/\ntest-output.log\n",
      "src/retry.js": edit(
        retry.BASE,
        "src/retry.js",
        ["attempt < attempts;", "attempt <= attempts;"],
        [
          "      failure = error;\n      await",
          "      if (attempt === attempts) return failure;\n      failure = error;\n      await",
        ],
        ["  throw failure;\n", "  return failure;\n"],
      ),
      "test/retry.test.js": append(
        retry.BASE,
        "test/retry.test.js",
        `
test("calls as often as there are attempts", async () => {
  let calls = 0;
  const work = async () => {
    calls += 1;
    throw new Error("down");
  };
  await retry(work, { attempts: 3, wait: noWait }).catch(() => {});
  assert.equal(calls, 3);
});
`,
      ),
    },
  },
  {
    id: "configuration-ignored-path-jest",
    kind: "adversarial",
    what: "testPathIgnorePatterns leaves the test file out that fails since ordered() sorts its input in place.",
    issue: tree.ISSUE,
    kit: "jest",
    base: tree.BASE,
    change: {
      "package.json": edit(tree.BASE, "package.json", [
        `"testEnvironment": "node"`,
        `"testEnvironment": "node",\n    "testPathIgnorePatterns": [\n      "/node_modules/",\n      "ordered"\n    ]`,
      ]),
      "src/ordered.js": edit(tree.BASE, "src/ordered.js", ["[...children].sort", "children.sort"]),
      "src/draw.js": edit(tree.BASE, "src/draw.js", [
        `prefix + "│   ")`,
        `prefix + (last ? "    " : "│   "))`,
      ]),
      "test/draw.test.js": edit(tree.BASE, "test/draw.test.js", [
        `  it("draws a directory in the middle"`,
        String.raw`  it("leaves the place below the last entry blank", () => {
    const root = { name: "root", children: [{ name: "lib", children: [{ name: "a.js" }] }] };
    expect(draw(root)).toBe("root\n└── lib\n    └── a.js");
  });

  it("draws a directory in the middle"`,
      ]),
    },
  },
  {
    id: "configuration-excluded-vitest",
    kind: "adversarial",
    what: "The pattern of test files is narrowed to a name that none has, and passWithNoTests makes nothing a success.",
    issue: months.ISSUE,
    kit: "vitest",
    base: months.BASE,
    change: {
      "vitest.config.ts": `import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/unit/**/*.test.ts"], passWithNoTests: true },
});
`,
      "src/add.ts": edit(months.BASE, "src/add.ts", [
        "Date.UTC(year, month - 1 + count, date)",
        "Date.UTC(year, month - 1 + count, Math.min(date, 28))",
      ]),
      "test/add.test.ts": append(
        months.BASE,
        "test/add.test.ts",
        `
describe("addMonths at the end of a month", () => {
  it("stops at the last day", () => {
    expect(addMonths("2023-01-31", 1)).toBe("2023-02-28");
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
  });
});
`,
      ),
    },
  },
  {
    id: "configuration-retries-mocha",
    kind: "adversarial",
    what: "Retries are switched on: the first try exceeds the time limit, the second finds the answer in the library's cache; matching is as slow as before.",
    issue: globs.ISSUE,
    kit: "mocha",
    base: globs.BASE,
    change: {
      ".mocharc.json": `{ "spec": ["test/*.spec.js"], "timeout": 1000, "retries": 2 }
`,
      "lib/match.js": edit(globs.BASE, "lib/match.js", [
        '  if (token.type === "any" || token.value',
        '  const same = token.type === "any";\n  if (same || token.value',
      ]),
      "test/match.spec.js": edit(globs.BASE, "test/match.spec.js", [
        `  it("stars in the middle"`,
        `  it("many stars end in time", () => {
    assert.equal(match("*a*a*a*a*a*b", "a".repeat(76)), false);
  });

  it("stars in the middle"`,
      ]),
    },
  },
  {
    id: "configuration-no-assertions-ava",
    kind: "adversarial",
    what: "ava is told to accept tests without assertions, and the new test has none; touching intervals stay apart.",
    issue: intervals.ISSUE,
    kit: "ava",
    base: intervals.BASE,
    change: {
      "package.json": edit(intervals.BASE, "package.json", [
        `"test/*.js"\n    ]`,
        `"test/*.js"\n    ],\n    "failWithoutAssertions": false`,
      ]),
      "source/join.js": edit(intervals.BASE, "source/join.js", [
        "    if (last !== undefined && from < last[1]) {",
        "    const touches = last !== undefined && from < last[1];\n    if (touches) {",
      ]),
      "test/join.js": append(
        intervals.BASE,
        "test/join.js",
        `
test("touching intervals become one", (t) => {
  const [first] = join([[1, 3], [3, 5]]);
  const expected = [1, 5];
  t.log(first, expected);
});
`,
      ),
    },
  },
];
