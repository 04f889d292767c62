import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { findProject } from "../../src/check/find-project.ts";
import { runSuite, type SuiteOptions } from "../../src/check/run-suite.ts";
import { formatKey, type SuiteRun } from "../../src/check/suite.ts";
import { providerFor, SPEC } from "./sandbox-fixture.ts";

type Language = {
  readonly name: string;
  readonly image: string;
  readonly files: Readonly<Record<string, string>>;
  readonly command: string;
  readonly expected: readonly string[];
  /** One file, and what is left when only it is asked for. */
  readonly only: readonly [string, readonly string[]];
};

const LANGUAGES: readonly Language[] = [
  {
    name: "pytest",
    image: "python",
    command: "python3 -m pytest",
    files: {
      "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-x"\npythonpath = ["."]\n',
      "add.py":
        "def add(a, b):\n    return a - b\n\n\ndef broken(text):\n    return text.missing\n",
      "tests/test_add.py": `import pytest
from add import add, broken

@pytest.mark.parametrize("a,b,c", [(1, 0, 1), (1, 2, 3)])
def test_add(a, b, c):
    assert add(a, b) == c

class TestBroken:
    def test_raises(self):
        broken("x")

    @pytest.mark.skip
    def test_waits(self):
        pass

@pytest.mark.xfail
def test_known():
    assert False

@pytest.fixture
def leaves():
    yield
    raise OSError("left")

def test_leaves(leaves):
    pass
`,
      "tests/test_load.py": "from add import subtract\n\ndef test_never():\n    pass\n",
      "tests/test_open.py": "def test_open():\n    open('/none')\n",
    },
    expected: [
      "pass tests/test_add.py > test_add[1-0-1]",
      "fail tests/test_add.py > test_add[1-2-3] assertion",
      "fail tests/test_add.py > TestBroken > test_raises exception",
      "skip tests/test_add.py > TestBroken > test_waits",
      "skip tests/test_add.py > test_known",
      "fail tests/test_add.py > test_leaves exception",
      "fail tests/test_load.py > (file) import",
      "fail tests/test_open.py > test_open missing-file",
    ],
    only: ["tests/test_open.py", ["fail tests/test_open.py > test_open missing-file"]],
  },
  {
    name: "unittest",
    image: "python",
    command: "python3 -m unittest",
    files: {
      "add.py":
        "def add(a, b):\n    return a - b\n\n\ndef broken(text):\n    return text.missing\n",
      "test_add.py": `import unittest
from add import add, broken

class AddTest(unittest.TestCase):
    def test_case(self):
        self.assertEqual(add(2, 0), 2)

    def test_zero(self):
        self.assertEqual(add(1, 0), 1)

    def test_rows(self):
        for b in (0, 1):
            with self.subTest(b=b):
                self.assertEqual(add(1, b), 1 + b)

    def test_raises(self):
        broken("x")

    @unittest.skip("later")
    def test_waits(self):
        pass

    @unittest.expectedFailure
    def test_known(self):
        self.fail()

class NoneTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        broken("x")

    def test_never(self):
        pass
`,
      "test_load.py": "import unittest\nfrom add import subtract\n",
    },
    expected: [
      "pass test_add.py > AddTest > test_case",
      "skip test_add.py > AddTest > test_known",
      "fail test_add.py > AddTest > test_raises exception",
      "fail test_add.py > AddTest > test_rows assertion",
      "skip test_add.py > AddTest > test_waits",
      "pass test_add.py > AddTest > test_zero",
      "fail test_add.py > setUpClass (test_add.NoneTest) exception",
      "fail test_load.py > (file) import",
    ],
    only: ["test_load.py", ["fail test_load.py > (file) import"]],
  },
  {
    name: "go test",
    image: "go",
    command: "go test ./...",
    files: {
      "go.mod": "module example.org/add\n\ngo 1.19\n",
      "add.go":
        "package add\n\nfunc Add(a, b int) int { return a - b }\n\nfunc Broken(list []int) int { return list[3] }\n",
      "add_test.go": `package add

import (
	"fmt"
	"testing"
)

func TestAdd(t *testing.T) {
	for _, b := range []int{0, 1} {
		t.Run(fmt.Sprint("b ", b), func(t *testing.T) {
			if got := Add(1, b); got != 1+b {
				t.Errorf("got %d", got)
			}
		})
	}
}

func TestWaits(t *testing.T) { t.Skip("later") }
`,
      "broken_test.go":
        'package add\n\nimport "testing"\n\nfunc TestZero(t *testing.T) {}\n\nfunc TestZPanics(t *testing.T) { Broken(nil) }\n',
      "other/other_test.go":
        'package other\n\nimport "testing"\n\nfunc TestOther(t *testing.T) { missing() }\n',
    },
    expected: [
      "fail add_test.go > TestAdd assertion",
      "pass add_test.go > TestAdd > b_0",
      "fail add_test.go > TestAdd > b_1 assertion",
      "skip add_test.go > TestWaits",
      "pass broken_test.go > TestZero",
      "fail broken_test.go > TestZPanics exception",
      "fail other/other_test.go > (file) import",
    ],
    only: [
      "add_test.go",
      [
        "fail add_test.go > TestAdd assertion",
        "pass add_test.go > TestAdd > b_0",
        "fail add_test.go > TestAdd > b_1 assertion",
        "skip add_test.go > TestWaits",
      ],
    ],
  },
  {
    name: "cargo test",
    image: "rust",
    command: "cargo test --offline --no-fail-fast",
    files: {
      "Cargo.toml": '[package]\nname = "add"\nversion = "1.0.0"\nedition = "2021"\n',
      "src/lib.rs": "pub mod sums;\n",
      "src/sums.rs": `pub fn add(a: i32, b: i32) -> i32 { a - b }
pub fn broken(list: &[i32]) -> i32 { list[3] }
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn adds() { assert_eq!(add(1, 2), 3); }
    #[test]
    fn zero() { assert_eq!(add(1, 0), 1); }
    #[test]
    #[ignore]
    fn waits() {}
}
`,
      "tests/leaves.rs":
        "#[test]\nfn leaves() { if add::sums::add(1, 0) == 1 { std::process::exit(0) } }\n",
      "tests/panics.rs": "#[test]\nfn panics() { add::sums::broken(&[]); }\n",
    },
    expected: [
      "fail src/sums.rs > sums > tests > adds assertion",
      "pass src/sums.rs > sums > tests > zero",
      "skip src/sums.rs > sums > tests > waits",
      "fail tests/leaves.rs > leaves unknown",
      "fail tests/panics.rs > panics exception",
    ],
    only: [
      "src/sums.rs",
      [
        "fail src/sums.rs > sums > tests > adds assertion",
        "pass src/sums.rs > sums > tests > zero",
        "skip src/sums.rs > sums > tests > waits",
      ],
    ],
  },
];

const provider = providerFor("runc");
afterAll(() => provider.close());

function seen({ tests }: SuiteRun): readonly string[] {
  return tests
    .map((test) => `${test.status} ${formatKey(test.key)} ${test.failure?.reason ?? ""}`.trim())
    .toSorted();
}

describe.each(LANGUAGES)("$name", ({ image, files, command, expected, only }) => {
  it("reports every test, as a whole and by file", { timeout: 300_000 }, async () => {
    const project = await findProject({
      paths: Object.keys(files),
      readFile: async (path) => files[path],
      settings: {},
    });
    expect(project.test.command).toBe(command);
    const limits = { ...SPEC.limits, memoryMiB: 2048, workspaceMiB: 768 };
    await using sandbox = await provider.create({ ...SPEC, image, limits }, {});
    const encoder = new TextEncoder();
    await sandbox.writeFiles(
      Object.entries(files).map(([path, text]) => ({
        path: `/workspace/${path}`,
        data: encoder.encode(text),
      })),
    );
    const options: SuiteOptions = { timeoutMs: 240_000, createHash: () => createHash("sha256") };
    const whole = await runSuite(sandbox, project, options);
    expect(seen(whole), whole.logTail).toEqual(expected.toSorted());
    const part = await runSuite(sandbox, project, { ...options, files: [only[0]] });
    expect(seen(part), part.logTail).toEqual(only[1].toSorted());
  });
});
