import { describe, expect, it } from "vitest";
import { findProject } from "../../../../src/check/find-project.ts";

type Files = Readonly<Record<string, string>>;

function find(files: Files, settings: { install?: string; test?: string } = {}) {
  return findProject({
    paths: Object.keys(files),
    readFile: async (path) => files[path],
    settings,
  });
}

const CASES: readonly (readonly [string, Files, string, string, string | undefined])[] = [
  [
    "pytest with requirements",
    { "requirements.txt": "attrs\n", "tests/test_a.py": "import pytest\n" },
    "pip",
    ".venv/bin/python -m pytest",
    "python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install --quiet -r requirements.txt",
  ],
  [
    "the package itself with the extra for tests",
    {
      "pyproject.toml":
        '[build-system]\nrequires = []\n[project]\ndependencies = ["attrs"]\n[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx"]\n',
    },
    "pip",
    ".venv/bin/python -m pytest",
    "python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install --quiet -e '.[test]'",
  ],
  [
    "unittest below a folder that is no package",
    { "setup.py": "", "tests/test_a.py": "import unittest\n" },
    "pip",
    "python3 -m unittest discover -s tests",
    undefined,
  ],
  [
    "go with modules",
    { "go.mod": "module a\n\ngo 1.19\n\nrequire b v1.0.0\n" },
    "go",
    "go test ./...",
    "go mod vendor",
  ],
  [
    "go with what it requires",
    { "go.mod": "module a\n\ngo 1.13\n\nrequire b v1.0.0\n", "vendor/modules.txt": "" },
    "go",
    "go test -mod=vendor ./...",
    undefined,
  ],
  [
    "cargo's workspace",
    { "Cargo.toml": '[workspace]\nmembers = ["a"]\n', "a/Cargo.toml": '[package]\nname = "a"\n' },
    "cargo",
    "cargo test --offline --no-fail-fast --workspace",
    undefined,
  ],
  ["a Makefile", { Makefile: "all:\n\ncheck: all\n\t./run\n" }, "none", "make check", undefined],
];

describe("projects without package.json", () => {
  it.each(CASES)("knows %s", async (_, files, packageManager, command, install) => {
    const project = await find(files);
    expect(project).toMatchObject({ packageManager, test: { command } });
    expect(project.install).toBe(install);
    expect(project.findings).toHaveLength(2);
  });

  it("lets the repository's own configuration win", async () => {
    const files = { "go.mod": "module a\n\nrequire b v1.0.0\n" };
    const project = await find(files, { test: "make test", install: "true" });
    expect(project).toMatchObject({
      packageManager: "go",
      install: "true",
      test: { command: "make test" },
    });
  });

  it("takes a variable of a Makefile for no target", async () => {
    await expect(find({ Makefile: "test := 1\nall:\n" })).rejects.toMatchObject({
      code: "no-package-json",
    });
  });
});
