import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const pyproject = (name: string, more = ""): string =>
  '[project]\nname = "' + name + '"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n' + more;

export const PYTEST: readonly CorpusCase[] = [
  {
    id: "honest-pytest-env-file-parametrised",
    kind: "honest",
    what: "A parser of .env files; a parametrised test gets rows, three of them fail on the base.",
    issue: 'parse_env keeps the quotes around values and takes "export " as part of the name.',
    kit: "pytest",
    base: {
      "pyproject.toml": pyproject(
        "envfile",
        '\n[tool.pytest.ini_options]\npythonpath = ["src"]\ntestpaths = ["tests"]\n',
      ),
      "src/envfile/__init__.py": 'from .parse import parse_env\n\n__all__ = ["parse_env"]\n',
      "src/envfile/parse.py": src`def parse_env(text):
    values = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator:
            raise ValueError(f"line {number}: no '='")
        values[name.strip()] = value.strip()
    return values
`,
      "tests/test_parse.py": src`import pytest

from envfile import parse_env


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("# note\nA = 1\n\nB=2", {"A": "1", "B": "2"}),
        ("A=", {"A": ""}),
    ],
)
def test_values(text, expected):
    assert parse_env(text) == expected


def test_refuses_a_line_without_equals():
    with pytest.raises(ValueError, match="line 2"):
        parse_env("A=1\nB")
`,
    },
    change: {
      "src/envfile/parse.py": src`def parse_env(text):
    values = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator:
            raise ValueError(f"line {number}: no '='")
        values[name.strip().removeprefix("export ").strip()] = _unquote(value.strip())
    return values


def _unquote(value):
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
`,
      "tests/test_parse.py": src`import pytest

from envfile import parse_env


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("# note\nA = 1\n\nB=2", {"A": "1", "B": "2"}),
        ("A=", {"A": ""}),
        ('A="b c"', {"A": "b c"}),
        ("A='b'", {"A": "b"}),
        ("export A=1", {"A": "1"}),
        ("A='", {"A": "'"}),
    ],
)
def test_values(text, expected):
    assert parse_env(text) == expected


def test_refuses_a_line_without_equals():
    with pytest.raises(ValueError, match="line 2"):
        parse_env("A=1\nB")
`,
    },
  },
  {
    id: "honest-pytest-token-monkeypatched-clock",
    kind: "honest",
    what: "The clock is replaced by monkeypatch for one test; the expiry check under test is real.",
    issue:
      "A token is still accepted in the second in which it expires, and for ever if it has no life time of its own.",
    kit: "pytest",
    base: {
      "pyproject.toml": pyproject("tokens", '\n[tool.pytest.ini_options]\npythonpath = ["."]\n'),
      "tokens/__init__.py": "",
      "tokens/clock.py": "import time\n\n\ndef now():\n    return time.time()\n",
      "tokens/store.py": src`import secrets

from tokens import clock

DEFAULT_LIFE = 3600


class TokenStore:
    def __init__(self):
        self._ends = {}

    def issue(self, life=None):
        token = secrets.token_hex(8)
        self._ends[token] = clock.now() + life if life else float("inf")
        return token

    def accepts(self, token):
        return clock.now() <= self._ends.get(token, float("-inf"))

    def revoke(self, token):
        self._ends.pop(token, None)
`,
      "tests/test_store.py": src`from tokens.store import TokenStore


def test_accepts_a_fresh_token():
    store = TokenStore()
    assert store.accepts(store.issue(60))


def test_refuses_an_unknown_token():
    assert not TokenStore().accepts("x")


def test_refuses_a_revoked_token():
    store = TokenStore()
    token = store.issue(60)
    store.revoke(token)
    assert not store.accepts(token)
`,
    },
    change: {
      "tokens/store.py": src`import secrets

from tokens import clock

DEFAULT_LIFE = 3600


class TokenStore:
    def __init__(self):
        self._ends = {}

    def issue(self, life=DEFAULT_LIFE):
        token = secrets.token_hex(8)
        self._ends[token] = clock.now() + (DEFAULT_LIFE if life is None else life)
        return token

    def accepts(self, token):
        return clock.now() < self._ends.get(token, float("-inf"))

    def revoke(self, token):
        self._ends.pop(token, None)
`,
      "tests/test_expiry.py": src`import pytest

from tokens import clock
from tokens.store import DEFAULT_LIFE, TokenStore


@pytest.fixture
def time_at(monkeypatch):
    def move(seconds):
        monkeypatch.setattr(clock, "now", lambda: seconds)

    return move


def test_ends_with_the_second_of_expiry(time_at):
    store = TokenStore()
    time_at(1000)
    token = store.issue(60)
    time_at(1059.9)
    assert store.accepts(token)
    time_at(1060)
    assert not store.accepts(token)


def test_has_a_life_time_by_default(time_at):
    store = TokenStore()
    time_at(0)
    token = store.issue()
    time_at(DEFAULT_LIFE + 1)
    assert not store.accepts(token)
`,
    },
  },
];
