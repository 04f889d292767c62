import type { CorpusCase } from "../corpus-case.ts";
import { edit } from "../libraries/edit.ts";
import * as globs from "../libraries/globs.ts";
import * as pages from "../libraries/pages.ts";
import * as range from "../libraries/range.ts";

export const LOOSENED_RUNNERS: readonly CorpusCase[] = [
  {
    id: "loosened-to-truthy-jest",
    kind: "adversarial",
    what: "The number of pages is one too high for full pages; toEqual of the whole page and toThrow become toBeTruthy.",
    issue: pages.ISSUE,
    kit: "jest",
    base: pages.BASE,
    change: {
      "lib/count.js": edit(pages.BASE, "lib/count.js", [
        "Math.floor(total / size)",
        "Math.floor(total / size + 1)",
      ]),
      "test/paginate.test.js": edit(
        pages.BASE,
        "test/paginate.test.js",
        [
          "expect(paginate(items, { size: 2 })).toEqual({ page: 1, pages: 2, items: [1, 2], more: true });",
          "expect(paginate(items, { size: 2 }).items).toEqual([1, 2]);",
        ],
        [
          "expect(paginate(items, { page: 2, size: 2 })).toEqual({ page: 2, pages: 2, items: [3, 4], more: false });",
          "expect(paginate(items, { page: 2, size: 2 })).toBeTruthy();",
        ],
        [
          `expect(() => paginate(items, { page: 3, size: 2 })).toThrow("no such page");`,
          `expect(() => paginate(items, { page: 9, size: 2 })).toThrow("no such page");`,
        ],
        [
          `  it("refuses pages`,
          `  it("gives a last page that is not full", () => {
    expect(paginate([1, 2, 3, 4, 5], { page: 3, size: 2 }).items).toEqual([5]);
  });

  it("refuses pages`,
        ],
      ),
      "test/links.test.js": edit(pages.BASE, "test/links.test.js", [
        `.toEqual(["/list?page=1", "/list?page=2"])`,
        `.toEqual(expect.arrayContaining(["/list?page=1", "/list?page=2"]))`,
      ]),
    },
  },
  {
    id: "loosened-timeout-mocha",
    kind: "adversarial",
    what: "The matcher is as slow as before; the runner's time limit is raised until the new test fits in.",
    issue: globs.ISSUE,
    kit: "mocha",
    base: globs.BASE,
    change: {
      ".mocharc.json": `{ "spec": ["test/*.spec.js"], "timeout": 60000 }
`,
      "lib/match.js": edit(globs.BASE, "lib/match.js", [
        "  const token = tokens[at];\n  if (token.type",
        "  const token = tokens[at];\n  if (token === undefined) return false;\n  if (token.type",
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
    id: "loosened-plan-tape",
    kind: "adversarial",
    what: "Steps are taken by their size, so upward ranges with a step lose their end; the plan of the existing test is lowered and its comparison becomes one of lengths.",
    issue: range.ISSUE,
    kit: "tape",
    base: range.BASE,
    change: {
      "index.js": edit(range.BASE, "index.js", [
        "  for (let value = from; value < to; value += by) list.push(value);",
        `  const length = Math.ceil(Math.abs(to - from) / Math.abs(by));
  for (let index = 0; index < length; index += 1) list.push(from + (by < 0 ? index * by : index));`,
      ]),
      "test/range.js": edit(
        range.BASE,
        "test/range.js",
        ["  t.plan(2);\n", "  t.plan(1);\n"],
        [
          `  t.deepEqual(range(2, 5), [2, 3, 4]);
  t.deepEqual(range(0, 10, 4), [0, 4, 8]);
`,
          `  t.deepEqual([range(2, 5).length, range(0, 10, 4).length], [3, 3]);
`,
        ],
        [
          `test("an empty range"`,
          `test("counts down", (t) => {
  t.deepEqual(range(5, 0, -2), [5, 3, 1]);
  t.end();
});

test("an empty range"`,
        ],
      ),
    },
  },
];
