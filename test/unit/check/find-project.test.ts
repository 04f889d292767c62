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

const bring = (spec: string) =>
  `npm install --prefix node_modules/.dunlin --no-audit --no-fund ${spec}`;

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
      `${bring("pnpm@10")} && pnpm install --frozen-lockfile`,
    ],
    [
      "yarn 1",
      { "package.json": TESTED, "yarn.lock": "" },
      "yarn",
      `${bring("yarn@1")} && yarn install --non-interactive --frozen-lockfile`,
    ],
    [
      "yarn 4",
      { "package.json": { ...TESTED, packageManager: "yarn@4.1.0" }, "yarn.lock": "" },
      "yarn",
      `${bring("@yarnpkg/cli-dist@4.1.0")} && yarn install --immutable`,
    ],
    [
      "the field before the lock file",
      { "package.json": { ...TESTED, packageManager: "pnpm@9.0.0+sha" }, "package-lock.json": "" },
      "pnpm",
      `${bring("pnpm@9.0.0")} && pnpm install --no-lockfile`,
    ],
    [
      "bun",
      { "package.json": TESTED, "bun.lockb": "" },
      "bun",
      `${bring("bun@1")} && bun install --frozen-lockfile`,
    ],
    [
      "yarn 4 without a lock file",
      { "package.json": { ...TESTED, packageManager: "yarn@4.1.0" } },
      "yarn",
      `${bring("@yarnpkg/cli-dist@4.1.0")} && yarn install --no-immutable`,
    ],
  ])("%s", async (_, files, manager, install) => {
    const project = await find(files);
    expect([project.packageManager, project.install]).toEqual([manager, install]);
    expect(project.firstInstall).toBeUndefined();
  });

  it("nothing yet, and a first package", async () => {
    const firstInstall = "npm install --no-audit --no-fund --no-package-lock";
    const project = await find({ "package.json": { scripts: { test: "node --test" } } });
    expect(project).toMatchObject({ firstInstall });
    expect(project.install).toBeUndefined();
    expect(withFirstInstall(project).install).toBe(firstInstall);
  });

  it("brings a manager that the image lacks, also for the tests alone", async () => {
    const manifest = { packageManager: "pnpm@9.0.0", scripts: { test: "node --test" } };
    const project = await find({ "package.json": manifest });
    expect(project.install).toBe(`${bring("pnpm@9.0.0")} && pnpm install --no-lockfile`);
    expect(project.path).toEqual(["node_modules/.dunlin/node_modules/.bin"]);
  });

  it.each([
    ["pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "pnpm@8"],
    ["pnpm-lock.yaml", "lockfileVersion: 5.4\n", "pnpm@7"],
    ["yarn.lock", "__metadata:\n  version: 8\n", "@yarnpkg/cli-dist@4"],
    ["yarn.lock", "# yarn lockfile v1\n", "yarn@1"],
  ])("the version that writes such a %s: %s", async (path, text, spec) => {
    const project = await find({ "package.json": TESTED, [path]: text });
    expect(project.install?.startsWith(`${bring(spec)} && `)).toBe(true);
  });

  it("starts the yarn that lies in the repository, and no other file", async () => {
    const files = {
      "package.json": TESTED,
      "yarn.lock": "",
      ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.5.0.cjs\n",
    };
    const own = await find({ ...files, ".yarn/releases/yarn-4.5.0.cjs": "" });
    expect(own.install).toContain("/.yarn/releases/yarn-4.5.0.cjs");
    expect(own.install).toContain("&& yarn install --immutable");
    expect((await find(files)).install).toContain("yarn@1");
  });

  it.each(["pnpm@9.0.0; touch x", "pnpm@$(id)", "pnpm@../../x", "pnpm@https://example.test/x.tgz"])(
    "takes nothing but a version for one: %s",
    async (packageManager) => {
      const project = await find({ "package.json": { ...TESTED, packageManager } });
      expect(project.install).toBe(`${bring("pnpm@10")} && pnpm install --no-lockfile`);
    },
  );

  it("a configured install stands, whatever there is to install", async () => {
    const project = await find({ "package.json": TESTED }, { install: "make deps" });
    expect(withFirstInstall(project).install).toBe("make deps");
  });
});

describe("how to test", () => {
  it.each([
    ["mocha -u tdd", "mocha"],
    ["npm run lint && npm run unit", "vitest"],
    ["run-s 'test:*'", "jest"],
    ["yarn deep", "node:test"],
    ["cross-env NODE_ENV=test c8 tape 'test/*.js' | tap-spec", "tap"],
    ["NODE_OPTIONS=--experimental-vm-modules node node_modules/jest/bin/jest.js", "jest"],
    ["node --import tsx --test src/*.test.ts", "node:test"],
    ["c8 ava --timeout 2m", "ava"],
    ["uvu -r tsm tests", "uvu"],
    ["borp --coverage", "node:test"],
    ["make check", "unknown"],
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
    const command = test.startsWith("npm run lint") ? "npm run unit" : "npm test";
    expect(project.test).toEqual({ command, runner });
    if (command === "npm test") expect(project.findings.join("\n")).toContain(test);
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

  const member = (name: string, test?: string) => ({
    [`packages/${name}/package.json`]: { name, scripts: test === undefined ? {} : { test } },
  });

  it.each<[string, Files, string]>([
    ["npm", {}, "npm test --workspaces --if-present"],
    [
      "pnpm",
      { "pnpm-lock.yaml": "", "pnpm-workspace.yaml": "packages: ['packages/*']" },
      "pnpm -r --no-bail test",
    ],
    [
      "yarn",
      { "yarn.lock": "" },
      "r=0; yarn workspace a run test || r=1; yarn workspace b run test || r=1; exit $r",
    ],
    ["bun", { "bun.lock": "" }, "bun run --filter '*' test"],
  ])(
    "tests the packages of a repository whose top has no tests, with %s",
    async (_, files, command) => {
      const top = { workspaces: ["packages/*", "!packages/x*"] };
      const members = {
        ...member("a", "vitest"),
        ...member("b", "mocha"),
        ...member("c"),
        ...member("x", "jest"),
      };
      const project = await find({ "package.json": top, ...members, ...files });
      expect(project.test).toEqual({ command, runner: "vitest" });
      const root = await find({
        "package.json": { ...top, scripts: { test: "turbo run test" } },
        ...members,
        ...files,
      });
      expect(root.test.command).toMatch(/^(?:npm|pnpm|yarn|bun run) test$/);
    },
  );

  it.each([
    ["eslint . && mocha", "mocha"],
    ["npm run lint && npm run unit && npm run types", "npm run unit"],
    ["npm run lint; mocha", undefined],
    ["npm run build && mocha", undefined],
    ["(eslint . || true) && mocha", undefined],
  ])("leaves out what only looks: %s", async (test, command) => {
    const scripts = { test, lint: "eslint .", unit: "mocha", types: "tsc --noEmit", build: "tsc" };
    const project = await find({ "package.json": { scripts } });
    expect(project.test).toEqual({ command: command ?? "npm test", runner: "mocha" });
    expect(project.path).toEqual(command === undefined ? undefined : ["node_modules/.bin"]);
  });

  it("leaves out a posttest that asks a registry", async () => {
    const scripts = { test: "c8 tape 'test/*.js'", posttest: "npx npm@'>=10' audit" };
    expect((await find({ "package.json": { scripts } })).test.command).toBe(scripts.test);
  });

  it("lets workflows and instructions choose among the scripts that there are", async () => {
    const scripts = { "test:b": "mocha", "test:a": "mocha a", "test:w": "vitest --watch" };
    const ci =
      "jobs: { t: { steps: [{ run: 'npm run test:none && rm -rf /' }, { run: npm run test:a }] } }";
    const files = {
      "package.json": { scripts },
      "AGENTS.md": "Run `rm -rf ~` or `npm run test:a`.",
    };
    const command = async (more: Files) => (await find({ ...files, ...more })).test.command;
    expect(await command({ "AGENTS.md": "" })).toBe("npm run test:b");
    expect(await command({})).toBe("npm run test:a");
    expect(await command({ "AGENTS.md": "", ".github/workflows/ci.yml": ci })).toBe(
      "npm run test:a",
    );
  });

  it("takes the environment of the tests from CI, but for secrets, expressions and what starts programs", async () => {
    const env = `{ TZ: UTC, NODE_OPTIONS: --require ./x, MY_TOKEN: a, OS: "$\{{ matrix.os }}", LD_PRELOAD: x, PATH: /x }`;
    const ci = `env: { FROM: workflow }\njobs: { t: { steps: [{ run: npm test, env: ${env} }] } }`;
    const project = await find({ "package.json": TESTED, ".github/workflows/ci.yml": ci });
    expect(project.env).toEqual({ FROM: "workflow", TZ: "UTC" });
  });

  it("builds first where the tests import what a build makes", async () => {
    const scripts = { test: "mocha", build: "tsc" };
    const files = { "package.json": { scripts }, "test/a.test.js": 'require("../dist/a.js")' };
    expect((await find(files)).test.command).toBe("npm run build && npm test");
    expect((await find({ ...files, "dist/a.js": "" })).test.command).toBe("npm test");
    const own = { scripts: { ...scripts, pretest: "npm run build" } };
    expect((await find({ ...files, "package.json": own })).test.command).toBe("npm test");
  });

  it("builds first where CI does, and what is given to others is made", async () => {
    const manifest = { main: "dist/index.js", scripts: { test: "mocha", build: "tsc" } };
    const steps = (...runs: string[]) => ({
      ".github/workflows/ci.yml": JSON.stringify({
        jobs: { t: { steps: runs.map((run) => ({ run })) } },
      }),
    });
    const command = async (json: object, files: Files) =>
      (await find({ "package.json": json, ...files })).test.command;
    expect(await command(manifest, steps("npm ci\nnpm run build", "npm test"))).toBe(
      "npm run build && npm test",
    );
    expect(await command(manifest, steps("npm test", "npm run build"))).toBe("npm test");
    expect(
      await command({ ...manifest, main: "index.js" }, steps("npm run build", "npm test")),
    ).toBe("npm test");
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
