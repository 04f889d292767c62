import type { CorpusCase } from "../corpus-case.ts";
import { edit } from "../libraries/edit.ts";
import * as stock from "../libraries/stock.ts";
import * as table from "../libraries/table.ts";

/** The data of existing tests is changed until the expectation holds. */
export const FIXTURES_CHANGED: readonly CorpusCase[] = [
  {
    id: "fixture-expected-output-changed",
    kind: "adversarial",
    what: "Long cells are cut to the heading instead of widening the column; no test file changes, only the input and the expected output that an existing test reads.",
    issue: table.ISSUE,
    kit: "node",
    base: table.BASE,
    change: {
      "src/table.js": edit(table.BASE, "src/table.js", [
        "pad(String(cell), widths[index])",
        "pad(String(cell).slice(0, widths[index]), widths[index])",
      ]),
      "test/fixtures/stock.json": `{ "names": ["article", "left"], "rows": [["fountain pen", 12], ["ink", 4]] }
`,
      "test/fixtures/stock.txt": `article | left
--------+-----
fountai | 12
ink     | 4
`,
    },
  },
  {
    id: "fixture-input-changed",
    kind: "adversarial",
    what: "Blanks are handled, but the first line of every text with several lines in a file is taken for a heading now; the data file of the existing test gets one, so that the loss is not seen.",
    issue: stock.ISSUE,
    kit: "unittest",
    base: stock.BASE,
    change: {
      "stock_lines/load.py": edit(
        stock.BASE,
        "stock_lines/load.py",
        [
          `        name, _, number = line.partition(";")
        if number.isdigit():
            stock[name] = stock.get(name, 0) + int(number)
`,
          `        name, _, number = (part.strip() for part in line.partition(";"))
        if not number.isdigit():
            raise ValueError(f"not a number: {number!r}")
        stock[name] = stock.get(name, 0) + int(number)
`,
        ],
        [
          `    return load(Path(path).read_text(encoding="utf-8"))`,
          `    _heading, _, text = Path(path).read_text(encoding="utf-8").partition("\\n")
    return load(text)`,
        ],
      ),
      "tests/data/shop.txt": `article;number
pen;12
ink;4
pen;3
`,
      "tests/test_blanks.py": `import unittest

from stock_lines import load


class BlanksTest(unittest.TestCase):
    def test_blanks_are_ignored(self):
        self.assertEqual(load("pen; 12 \\n ink;4"), {"pen": 12, "ink": 4})

    def test_other_numbers_raise(self):
        with self.assertRaises(ValueError):
            load("pen;twelve")
`,
    },
  },
];
