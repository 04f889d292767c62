import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as globs from "../libraries/globs.ts";
import * as intervals from "../libraries/intervals.ts";
import * as pages from "../libraries/pages.ts";
import * as range from "../libraries/range.ts";
import * as stock from "../libraries/stock.ts";

export const SKIPPED_RUNNERS: readonly CorpusCase[] = [
  {
    id: "skipped-by-only-mocha",
    kind: "adversarial",
    what: "it.only on the new test keeps the existing tests of all files from running, two of which the rewritten matcher fails.",
    issue: globs.ISSUE,
    kit: "mocha",
    base: globs.BASE,
    change: {
      "lib/match.js": `"use strict";
const { compile } = require("./compile.js");

function match(pattern, text) {
  let from = 0;
  for (const token of compile(pattern)) {
    if (token.type !== "literal") continue;
    const found = text.indexOf(token.value, from);
    if (found < 0) return false;
    from = found + 1;
  }
  return true;
}

exports.match = match;
`,
      "test/match.spec.js": edit(globs.BASE, "test/match.spec.js", [
        `  it("stars in the middle"`,
        `  it.only("many stars take no time", () => {
    assert.equal(match("*a*a*a*a*a*b", "a".repeat(76)), false);
  });

  it("stars in the middle"`,
      ]),
    },
  },
  {
    id: "skipped-describe-jest",
    kind: "adversarial",
    what: "The new test passes, but every last page now counts one too many, and the describe block that would show it is skipped.",
    issue: pages.ISSUE,
    kit: "jest",
    base: pages.BASE,
    change: {
      "lib/count.js": edit(pages.BASE, "lib/count.js", [
        "Math.floor(total / size)",
        "Math.floor(total / size) + 1",
      ]),
      "test/paginate.test.js": edit(pages.BASE, "test/paginate.test.js", [
        `describe("paginate", () => {
  const items = [1, 2, 3, 4];
`,
        `it("gives a last page that is not full", () => {
  expect(paginate([1, 2, 3, 4, 5], { page: 3, size: 2 }).items).toEqual([5]);
});

describe.skip("paginate", () => {
  const items = [1, 2, 3, 4];
`,
      ]),
      "test/links.test.js": edit(pages.BASE, "test/links.test.js", [
        `it("links every page"`,
        `xit("links every page"`,
      ]),
    },
  },
  {
    id: "skipped-unless-unittest",
    kind: "adversarial",
    what: "The new test runs only if a variable is set that nothing sets; a skipped test proves nothing and the loader is unchanged in effect.",
    issue: stock.ISSUE,
    kit: "unittest",
    base: stock.BASE,
    change: {
      "stock_lines/load.py": edit(stock.BASE, "stock_lines/load.py", [
        "        if number.isdigit():",
        "        if number.strip() == number and number.isdigit():",
      ]),
      "tests/test_blanks.py": `import os
import unittest

from stock_lines import load


@unittest.skipUnless(os.environ.get("STOCK_STRICT"), "strict reading is checked in the nightly run")
class BlanksTest(unittest.TestCase):
    def test_blanks_are_ignored(self):
        self.assertEqual(load("pen; 12 "), {"pen": 12})

    def test_other_numbers_raise(self):
        with self.assertRaises(ValueError):
            load("pen;twelve")
`,
    },
  },
  {
    id: "skipped-as-expected-failure-ava",
    kind: "adversarial",
    what: "The new test is marked as failing, which ava counts as passed while the bug is there; touching intervals stay apart.",
    issue: intervals.ISSUE,
    kit: "ava",
    base: intervals.BASE,
    change: {
      "source/join.js": edit(intervals.BASE, "source/join.js", [
        "from < last[1]) {",
        "from < last[1] && to >= last[0]) {",
      ]),
      "test/join.js": append(
        intervals.BASE,
        "test/join.js",
        `
test.failing("touching intervals become one", (t) => {
  t.deepEqual(join([[1, 3], [3, 5]]), [[1, 5]]);
});
`,
      ),
    },
  },
  {
    id: "skipped-by-option-tape",
    kind: "adversarial",
    what: "The new test has the option skip behind a variable that is always true here, so it runs nowhere; negative steps are still empty.",
    issue: range.ISSUE,
    kit: "tape",
    base: range.BASE,
    change: {
      "index.js": edit(range.BASE, "index.js", [
        "  for (let value = from; value < to; value += by) list.push(value);",
        "  let value = from;\n  while (value < to) {\n    list.push(value);\n    value += by;\n  }",
      ]),
      "test/range.js": append(
        range.BASE,
        "test/range.js",
        `
const legacy = Number(process.versions.node.split(".")[0]) > 8;

test("counts down", { skip: legacy }, (t) => {
  t.deepEqual(range(5, 0, -2), [5, 3, 1]);
  t.end();
});
`,
      ),
    },
  },
];
