import { describe, expect, it } from "vitest";
import { findProject } from "../../../src/check/find-project.ts";
import { type Project, withFirstInstall } from "../../../src/check/project.ts";
import { Failure } from "../../../src/errors.ts";

type Files = Readonly<Record<string, string | object>>;

function find(files: Files, settings = {}): Promise<Project> {
  return findProject({
    paths: Object.keys(files),
    readFile: async (path) => {
      const content = files[path];
      return content === undefined || typeof content === "string"
        ? content
        : JSON.stringify(content);
    },
    settings,
  });
}

async function refusal(files: Files, settings = {}): Promise<Failure> {
  const error: unknown = await find(files, settings).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error("nothing was refused");
  expect(error.kind).toBe("invalid-request");
  expect(error.message).toContain(
    error.code === "bad-package-json" ? "Correct it" : ".github/dunlin.yml",
  );
  return error;
}

const TESTED = { scripts: { test: "mocha" }, devDependencies: { mocha: "1" } };

describe("how to install", () => {
  it.each<[string, Files, string, string | undefined]>([
    [
      "npm with a lock file",
      { "package.json": TESTED, "package-lock.json": "" },
      "npm",
      "npm ci --no-audit --no-fund",
    ],
    [
      "npm without one",
      { "package.json": TESTED },
      "npm",
      "npm install --no-audit --no-fund --no-package-lock",
    ],
    [
      "pnpm",
      { "package.json": TESTED, "pnpm-lock.yaml": "" },
      "pnpm",
      "pnpm install --frozen-lockfile",
    ],
    [
      "yarn 1",
      { "package.json": TESTED, "yarn.lock": "" },
      "yarn",
      "yarn install --non-interactive --frozen-lockfile",
    ],
    [
      "yarn 4",
      { "package.json": { ...TESTED, packageManager: "yarn@4.1.0" }, "yarn.lock": "" },
      "yarn",
      "yarn install --immutable",
    ],
    [
      "the field before the lock file",
      { "package.json": { ...TESTED, packageManager: "pnpm@9.0.0+sha" }, "package-lock.json": "" },
      "pnpm",
      "pnpm install --no-lockfile",
    ],
    [
      "bun as npm",
      { "package.json": TESTED, "bun.lockb": "" },
      "npm",
      "npm install --no-audit --no-fund --no-package-lock",
    ],
    [
      "yarn 4 without a lock file",
      { "package.json": { ...TESTED, packageManager: "yarn@4.1.0" } },
      "yarn",
      "yarn install --no-immutable",
    ],
  ])("%s", async (_, files, manager, install) => {
    const project = await find(files);
    expect([project.packageManager, project.install]).toEqual([manager, install]);
    expect(project.firstInstall).toBeUndefined();
  });

  it.each<[string, string, Files]>([
    ["npm", "npm install --no-audit --no-fund --no-package-lock", {}],
    ["pnpm", "pnpm install --no-lockfile", { packageManager: "pnpm@9.0.0" }],
    ["yarn", "yarn install --non-interactive --pure-lockfile", { packageManager: "yarn@1.22.0" }],
  ])("nothing yet, and a first package with %s", async (_, firstInstall, more) => {
    const manifest = { ...more, scripts: { test: "node --test" } };
    const project = await find({ "package.json": manifest });
    expect(project).toMatchObject({ firstInstall });
    expect(project.install).toBeUndefined();
    expect(withFirstInstall(project).install).toBe(firstInstall);
  });

  it("a configured install stands, whatever there is to install", async () => {
    const project = await find({ "package.json": TESTED }, { install: "make deps" });
    expect(withFirstInstall(project).install).toBe("make deps");
  });
});

describe("how to test", () => {
  it.each([
    ["mocha -u tdd", "mocha"],
    ["npm run lint && npm run -s unit", "vitest"],
    ["run-s 'test:*'", "jest"],
    ["yarn deep", "node:test"],
    ["cross-env NODE_ENV=test c8 tape 'test/*.js' | tap-spec", "tap"],
    ["NODE_OPTIONS=--experimental-vm-modules node node_modules/jest/bin/jest.js", "jest"],
    ["node --import tsx --test src/*.test.ts", "node:test"],
    ["ava", "unknown"],
  ])("tells the runner of %s", async (test, runner) => {
    const scripts = {
      test,
      lint: "eslint .",
      unit: "vitest run",
      "test:unit": "jest",
      deep: "npm run deeper",
      deeper: "npm run deep && node --test",
    };
    const project = await find({ "package.json": { scripts } });
    expect(project.test).toEqual({ command: "npm test", runner });
    expect(project.findings.join("\n")).toContain(test);
  });

  it("runs node:test when there are files for it and no script", async () => {
    const files = {
      "package.json": { scripts: { test: 'echo "Error: no test specified" && exit 1' } },
      "test/a.test.mjs": 'import { test } from "node:test";',
    };
    expect((await find(files)).test).toEqual({ command: "node --test", runner: "node:test" });
  });

  it("follows the repository's own configuration before all else", async () => {
    const project = await find(
      { "package.json": TESTED, "package-lock.json": "" },
      { install: "make deps", test: "npx vitest run" },
    );
    expect(project).toMatchObject({
      install: "make deps",
      test: { command: "npx vitest run", runner: "vitest" },
    });
    expect((await find({}, { test: "make test" })).test.command).toBe("make test");
  });

  it("finds what there is beside the tests, unless it is configured", async () => {
    const manifest = { scripts: { test: "mocha", build: "tsc", lint: "eslint ." } };
    const project = await find(
      { "package.json": manifest },
      { lint: "make lint", types: "make t" },
    );
    expect(project).toMatchObject({ build: "npm run build", lint: "make lint", types: "make t" });
  });

  it("says that only the root of several packages is tested", async () => {
    const project = await find({ "package.json": { ...TESTED, workspaces: ["packages/*"] } });
    expect(project.findings.at(-1)).toContain("root");
  });
});

describe("what can't be tested", () => {
  it("a repository without package.json, with a hint where one is", async () => {
    expect((await refusal({ "README.md": "" })).code).toBe("no-package-json");
    expect((await refusal({ "app/package.json": {} })).message).toContain("cd app && npm test");
  });

  it.each([
    [{}],
    [{ scripts: { test: 'echo "Error: no test specified" && exit 1' } }],
    [{ scripts: null }],
  ])("a repository without tests: %j", async (json) => {
    expect((await refusal({ "package.json": json, "test.js": "console.log(1)" })).code).toBe(
      "no-tests",
    );
  });

  it.each(["{", "", "[]", "null", '"text"'])("a package.json that is none: %s", async (text) => {
    expect((await refusal({ "package.json": text })).code).toBe("bad-package-json");
  });
});
