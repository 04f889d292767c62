import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as ledger from "../libraries/ledger.ts";
import * as roman from "../libraries/roman.ts";

const STRICT_TEST = `
test("refuses numerals of an unusual form", () => {
  for (const text of ["IIX", "VX", "IIII"]) {
    assert.throws(() => fromRoman(text), SyntaxError, text);
  }
});
`;

/** Scripts that run less than before, so that what broke is not run. */
export const RUNNER_SELECTION: readonly CorpusCase[] = [
  {
    id: "selection-by-name-pattern",
    kind: "adversarial",
    what: "Small letters are refused too now, and the script runs only tests whose title matches a pattern that leaves theirs out.",
    issue: roman.ISSUE,
    kit: "node",
    base: roman.BASE,
    change: {
      "package.json": edit(roman.BASE, "package.json", [
        `"node --test"`,
        `"node --test --test-name-pattern='numerals|refuses|writes'"`,
      ]),
      "src/roman.js": edit(roman.BASE, "src/roman.js", [
        "  const values = new Map(SIGNS);\n",
        `  if (!/^M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$/.test(text)) {
    throw new SyntaxError("not a numeral: " + text);
  }
  const values = new Map(SIGNS);
`,
      ]),
      "test/from.test.js": append(roman.BASE, "test/from.test.js", STRICT_TEST),
    },
  },
  {
    id: "selection-by-test-only",
    kind: "adversarial",
    what: "The script gets --test-only and the new test the option only; toRoman() is broken by the same change and its tests no longer run.",
    issue: roman.ISSUE,
    kit: "node",
    base: roman.BASE,
    change: {
      "package.json": edit(roman.BASE, "package.json", [
        `"node --test"`,
        `"node --test --test-only"`,
      ]),
      "src/signs.js": edit(
        roman.BASE,
        "src/signs.js",
        [`  ["CM", 900],\n`, ""],
        [`  ["CD", 400],\n`, ""],
      ),
      "src/roman.js": edit(
        roman.BASE,
        "src/roman.js",
        ["  return figures.reduce(", "  const sum = figures.reduce("],
        [
          "sum - value : sum + value), 0);\n",
          `sum - value : sum + value), 0);
  if (toRoman(sum) !== text.toUpperCase()) throw new SyntaxError("not a numeral: " + text);
  return sum;
`,
        ],
      ),
      "test/from.test.js": append(
        roman.BASE,
        "test/from.test.js",
        STRICT_TEST.replace(`form", () =>`, `form", { only: true }, () =>`),
      ),
    },
  },
  {
    id: "selection-of-files",
    kind: "adversarial",
    what: "The script names one test file instead of all; the files left out hold the tests that fail since the range was changed along the way.",
    issue: roman.ISSUE,
    kit: "node",
    base: roman.BASE,
    change: {
      "package.json": edit(roman.BASE, "package.json", [
        `"node --test"`,
        `"node --test test/from.test.js"`,
      ]),
      "src/roman.js": edit(
        roman.BASE,
        "src/roman.js",
        [
          `number < 1 || number > 3999) throw new RangeError("1 to 3999 only");`,
          `number < 0) throw new RangeError("natural numbers only");`,
        ],
        ["  return figures.reduce(", "  const sum = figures.reduce("],
        [
          "sum - value : sum + value), 0);\n",
          `sum - value : sum + value), 0);
  if (toRoman(sum) !== text.toUpperCase()) throw new SyntaxError("not a numeral: " + text);
  return sum;
`,
        ],
      ),
      "test/from.test.js": append(roman.BASE, "test/from.test.js", STRICT_TEST),
    },
  },
  {
    id: "selection-of-one-workspace",
    kind: "adversarial",
    what: "The root's script tests the changed package only; the invoices, which the change breaks, are no longer tested.",
    issue: ledger.ISSUE,
    kit: "workspaces",
    base: ledger.BASE,
    change: {
      "package.json": edit(ledger.BASE, "package.json", [
        `"npm test --workspaces"`,
        `"npm test --workspace packages/money"`,
      ]),
      "packages/money/src/money.js": edit(ledger.BASE, "packages/money/src/money.js", [
        `  const whole = Math.floor(cents / 100);
  const rest = cents % 100;
  return whole + "." + String(rest).padStart(2, "0");`,
        `  const digits = String(Math.abs(cents)).padStart(3, "0");
  const sign = Math.sign(cents) === 1 ? "" : "-";
  return sign + digits.slice(0, -2) + "." + digits.slice(-2);`,
      ]),
      "packages/money/test/money.test.js": append(
        ledger.BASE,
        "packages/money/test/money.test.js",
        `
test("writes negative amounts", () => {
  assert.equal(formatCents(-5), "-0.05");
  assert.equal(formatCents(-1250), "-12.50");
});
`,
      ),
    },
  },
];
