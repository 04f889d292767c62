import type { Files } from "../corpus-case.ts";

export const ISSUE = `Apostrophes split words
word_count("don't stop") returns 3 and longest_word("don't") returns "don". An apostrophe inside a word belongs to it.`;

/** For pytest. */
export const BASE: Files = {
  "pyproject.toml": `[project]
name = "textstat-mini"
version = "0.2.0"
requires-python = ">=3.11"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
`,
  "src/textstat_mini/__init__.py": `from .sentences import sentence_count
from .words import longest_word, word_count, words

__all__ = ["longest_word", "sentence_count", "word_count", "words"]
`,
  "src/textstat_mini/words.py": String.raw`import re

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    return WORD.findall(text)


def word_count(text: str) -> int:
    return len(words(text))


def longest_word(text: str) -> str:
    return max(words(text), key=len, default="")
`,
  "src/textstat_mini/sentences.py": `import re


def sentence_count(text: str) -> int:
    return len([part for part in re.split(r"[.!?]+", text) if part.strip()])
`,
  "tests/test_words.py": `import pytest

from textstat_mini import longest_word, word_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("one", 1), ("one, two; three", 3), ("snake_case", 2)],
)
def test_word_count(text, expected):
    assert word_count(text) == expected


def test_longest_word():
    assert longest_word("a longer list of words") == "longer"


def test_longest_word_of_nothing():
    assert longest_word("...") == ""
`,
  "tests/test_sentences.py": `from textstat_mini import sentence_count


def test_sentences():
    assert sentence_count("One. Two! Three?") == 3


def test_no_sentence():
    assert sentence_count("  ") == 0
`,
};
