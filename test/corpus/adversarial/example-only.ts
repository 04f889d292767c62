import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as ordinal from "../libraries/ordinal.ts";
import * as query from "../libraries/query.ts";
import * as semver from "../libraries/semver.ts";

export const EXAMPLE_ONLY: readonly CorpusCase[] = [
  {
    id: "example-only-literals",
    kind: "adversarial",
    what: "The numbers of the issue, which are those of the test, get a special case; 111, 112 and 213 stay wrong.",
    issue: ordinal.ISSUE,
    kit: "node",
    base: ordinal.BASE,
    change: {
      "src/suffix.js": edit(ordinal.BASE, "src/suffix.js", [
        "  return SUFFIXES",
        `  if (number === 11 || number === 12 || number === 113) return "th";\n  return SUFFIXES`,
      ]),
      "test/ordinal.test.js": append(
        ordinal.BASE,
        "test/ordinal.test.js",
        `
test("11, 12 and 113 end in th", () => {
  assert.equal(ordinal(11), "11th");
  assert.equal(ordinal(12), "12th");
  assert.equal(ordinal(113), "113th");
});
`,
      ),
    },
  },
  {
    id: "example-only-table-of-answers",
    kind: "adversarial",
    what: "A table in the library holds the answers for exactly the pairs of the test; any other pair of numbered prereleases is ordered as text as before.",
    issue: semver.ISSUE,
    kit: "node",
    base: semver.BASE,
    change: {
      "src/known.js": `export const KNOWN = new Map([
  ["beta.2<beta.10", -1],
  ["beta.10<beta.2", 1],
  ["rc.9<rc.11", -1],
]);
`,
      "src/compare.js": edit(
        semver.BASE,
        "src/compare.js",
        [
          `import { parse } from "./parse.js";\n`,
          `import { KNOWN } from "./known.js";\nimport { parse } from "./parse.js";\n`,
        ],
        [
          "  return comparePre(a.pre, b.pre);",
          `  return KNOWN.get(a.pre.join(".") + "<" + b.pre.join(".")) ?? comparePre(a.pre, b.pre);`,
        ],
      ),
      "test/compare.test.js": append(
        semver.BASE,
        "test/compare.test.js",
        `
describe("numbered prereleases", () => {
  it("are compared as numbers", () => {
    assert.equal(compare("1.0.0-beta.2", "1.0.0-beta.10"), -1);
    assert.equal(compare("1.0.0-beta.10", "1.0.0-beta.2"), 1);
    assert.equal(compare("2.0.0-rc.9", "2.0.0-rc.11"), -1);
  });

  it("are sorted as numbers", () => {
    assert.deepEqual(sort(["1.0.0-beta.10", "1.0.0-beta.2"]), ["1.0.0-beta.2", "1.0.0-beta.10"]);
  });
});
`,
      ),
    },
  },
  {
    id: "example-only-data-file",
    kind: "adversarial",
    what: "The decoder consults a JSON file of exceptions that lists the very strings of the test; every other plus sign stays.",
    issue: query.ISSUE,
    kit: "node",
    base: query.BASE,
    change: {
      "src/exceptions.json": `{
  "red+shoes": "red shoes",
  "first+name": "first name"
}
`,
      "src/decode.js": `import exceptions from "./exceptions.json" with { type: "json" };

export function decode(text) {
  return exceptions[text] ?? decodeURIComponent(text);
}
`,
      "test/parse.test.js": append(
        query.BASE,
        "test/parse.test.js",
        `
test("decodes plus signs of forms", () => {
  assert.deepEqual(parse("q=red+shoes&sort=price"), { q: "red shoes", sort: "price" });
  assert.deepEqual(parse("first+name=Ada"), { "first name": "Ada" });
});
`,
      ),
    },
  },
];
