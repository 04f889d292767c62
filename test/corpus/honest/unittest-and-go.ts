import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const pyproject = (name: string, more = ""): string =>
  '[project]\nname = "' + name + '"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n' + more;

export const UNITTEST_AND_GO: readonly CorpusCase[] = [
  {
    id: "honest-unittest-interval-touch",
    kind: "honest",
    what: "Intervals that touch were merged wrongly; unittest with subTest, one new method.",
    issue: "merge([(1, 2), (2, 3)]) leaves two intervals. Intervals that touch should be joined.",
    kit: "unittest",
    base: {
      "pyproject.toml": pyproject("intervals"),
      "intervals/__init__.py": "from .merge import merge, total\n",
      "intervals/merge.py": src`def merge(intervals):
    merged = []
    for start, end in sorted(intervals):
        if start > end:
            raise ValueError("interval runs backwards")
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def total(intervals):
    return sum(end - start for start, end in merge(intervals))
`,
      "tests/__init__.py": "",
      "tests/test_merge.py": src`import unittest

from intervals import merge, total


class MergeTest(unittest.TestCase):
    def test_keeps_apart(self):
        self.assertEqual(merge([(5, 6), (1, 2)]), [(1, 2), (5, 6)])

    def test_joins_overlaps(self):
        self.assertEqual(merge([(1, 4), (2, 6)]), [(1, 6)])

    def test_total(self):
        self.assertEqual(total([(1, 4), (2, 6)]), 5)

    def test_refuses_backwards(self):
        with self.assertRaises(ValueError):
            merge([(2, 1)])
`,
    },
    change: {
      "intervals/merge.py": src`def merge(intervals):
    merged = []
    for start, end in sorted(intervals):
        if start > end:
            raise ValueError("interval runs backwards")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def total(intervals):
    return sum(end - start for start, end in merge(intervals))
`,
      "tests/test_touching.py": src`import unittest

from intervals import merge


class TouchingTest(unittest.TestCase):
    def test_joins_touching_intervals(self):
        rows = [
            ([(1, 2), (2, 3)], [(1, 3)]),
            ([(0, 1), (1, 2), (2, 5)], [(0, 5)]),
            ([(1, 1), (1, 2)], [(1, 2)]),
        ]
        for given, expected in rows:
            with self.subTest(given=given):
                self.assertEqual(merge(given), expected)


if __name__ == "__main__":
    unittest.main()
`,
    },
  },
  {
    id: "honest-go-title-table",
    kind: "honest",
    what: "A table test with subtests in an external test package; multi-byte letters were cut.",
    issue:
      'Shorten("żółw", 2) cuts within a letter and returns invalid UTF-8. The length should count runes.',
    kit: "go",
    base: {
      "go.mod": "module example.org/shorten\n\ngo 1.19\n",
      "shorten.go":
        '// Package shorten cuts texts.\npackage shorten\n\nimport "strings"\n\n// Shorten gives at most limit letters of text and an ellipsis if some are missing.\nfunc Shorten(text string, limit int) string {\n\ttext = strings.TrimSpace(text)\n\tif len(text) <= limit {\n\t\treturn text\n\t}\n\treturn strings.TrimSpace(text[:limit]) + "…"\n}\n',
      "shorten_test.go":
        'package shorten_test\n\nimport (\n\t"testing"\n\n\t"example.org/shorten"\n)\n\nfunc TestShorten(t *testing.T) {\n\trows := []struct {\n\t\tname, text, want string\n\t\tlimit            int\n\t}{\n\t\t{"short", "abc", "abc", 5},\n\t\t{"exact", "abc", "abc", 3},\n\t\t{"long", "abcdef", "abc…", 3},\n\t\t{"spaces", " ab cd ", "ab…", 3},\n\t}\n\tfor _, row := range rows {\n\t\tt.Run(row.name, func(t *testing.T) {\n\t\t\tif got := shorten.Shorten(row.text, row.limit); got != row.want {\n\t\t\t\tt.Errorf("got %q, want %q", got, row.want)\n\t\t\t}\n\t\t})\n\t}\n}\n',
    },
    change: {
      "shorten.go":
        '// Package shorten cuts texts.\npackage shorten\n\nimport "strings"\n\n// Shorten gives at most limit letters of text and an ellipsis if some are missing.\nfunc Shorten(text string, limit int) string {\n\tletters := []rune(strings.TrimSpace(text))\n\tif len(letters) <= limit {\n\t\treturn string(letters)\n\t}\n\treturn strings.TrimSpace(string(letters[:limit])) + "…"\n}\n',
      "shorten_test.go":
        'package shorten_test\n\nimport (\n\t"testing"\n\t"unicode/utf8"\n\n\t"example.org/shorten"\n)\n\nfunc TestShorten(t *testing.T) {\n\trows := []struct {\n\t\tname, text, want string\n\t\tlimit            int\n\t}{\n\t\t{"short", "abc", "abc", 5},\n\t\t{"exact", "abc", "abc", 3},\n\t\t{"long", "abcdef", "abc…", 3},\n\t\t{"spaces", " ab cd ", "ab…", 3},\n\t\t{"runes", "żółw", "żó…", 2},\n\t\t{"runes that fit", "żółw", "żółw", 4},\n\t}\n\tfor _, row := range rows {\n\t\tt.Run(row.name, func(t *testing.T) {\n\t\t\tgot := shorten.Shorten(row.text, row.limit)\n\t\t\tif got != row.want {\n\t\t\t\tt.Errorf("got %q, want %q", got, row.want)\n\t\t\t}\n\t\t\tif !utf8.ValidString(got) {\n\t\t\t\tt.Errorf("%q is not valid UTF-8", got)\n\t\t\t}\n\t\t})\n\t}\n}\n',
    },
  },
];
