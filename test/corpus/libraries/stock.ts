import type { Files } from "../corpus-case.ts";

export const ISSUE = `Lines with blanks around the number are dropped
load("pen; 12 ") leaves the pen out without a word. Blanks around name and number are to be ignored, and a line whose number
can't be read must raise ValueError instead of vanishing.`;

/** For unittest. */
export const BASE: Files = {
  "pyproject.toml": `[project]
name = "stock-lines"
version = "1.1.0"
requires-python = ">=3.11"
`,
  "stock_lines/__init__.py": `from .load import load, load_file
from .total import total

__all__ = ["load", "load_file", "total"]
`,
  "stock_lines/load.py": `from pathlib import Path


def load(text: str) -> dict[str, int]:
    stock: dict[str, int] = {}
    for line in text.splitlines():
        name, _, number = line.partition(";")
        if number.isdigit():
            stock[name] = stock.get(name, 0) + int(number)
    return stock


def load_file(path: str) -> dict[str, int]:
    return load(Path(path).read_text(encoding="utf-8"))
`,
  "stock_lines/total.py": `def total(stock: dict[str, int]) -> int:
    return sum(stock.values())
`,
  "tests/__init__.py": "",
  "tests/data/shop.txt": `pen;12
ink;4
pen;3
`,
  "tests/test_load.py": `import unittest
from pathlib import Path

from stock_lines import load, load_file

DATA = Path(__file__).parent / "data"


class LoadTest(unittest.TestCase):
    def test_reads_lines(self):
        self.assertEqual(load("pen;12\\nink;4"), {"pen": 12, "ink": 4})

    def test_adds_repeated_names(self):
        self.assertEqual(load("pen;1\\npen;2"), {"pen": 3})

    def test_nothing(self):
        self.assertEqual(load(""), {})

    def test_reads_a_file(self):
        self.assertEqual(load_file(str(DATA / "shop.txt")), {"pen": 15, "ink": 4})


if __name__ == "__main__":
    unittest.main()
`,
  "tests/test_total.py": `import unittest

from stock_lines import total


class TotalTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total({"pen": 12, "ink": 4}), 16)
`,
};
