import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { explainUnrunnable } from "../../src/check/explain-unrunnable.ts";
import { findProject } from "../../src/check/find-project.ts";
import { install } from "../../src/check/install.ts";
import { runSuite, type SuiteOptions } from "../../src/check/run-suite.ts";
import { formatKey, type SuiteRun } from "../../src/check/suite.ts";
import { findRegistries } from "../../src/registries.ts";
import { egressEnv } from "../../src/sandbox/egress.ts";
import { registryEnv } from "../../src/sandbox/egress-clients.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, providerFor, SPEC } from "./sandbox-fixture.ts";

/** Installs go through the host's own certificates where it has some. */
const CERTIFICATES = process.env["NODE_EXTRA_CA_CERTS"] ?? process.env["SSL_CERT_FILE"];
const certificates = CERTIFICATES === undefined ? {} : { caBundle: await readFile(CERTIFICATES) };

const ADD = "exports.add = (a, b) => a - b;\n";
const BODY = `
describe("add", () => {
  it("takes zero", () => { same(add(1, 0), 1); });
  it("adds", () => { same(add(1, 2), 3); });
  it("calls what isn't there", () => { missing(); });
  it.skip("waits", () => {});
});
`;
const SOURCE = 'const { add, missing } = require("../add");\n';
const ASSERT = 'const same = require("assert").strictEqual;\n';

/** The same small suite for each runner, and the script that runs it. */
const SUITES: readonly (readonly [string, string, string, string])[] = [
  [
    "node:test",
    "true && node --test node/*.test.js",
    "node/add.test.js",
    `const { describe, it } = require("node:test");\n${ASSERT}${SOURCE}${BODY}`,
  ],
  [
    "mocha",
    "echo lint && NODE_ENV=test mocha --reporter dot mocha/*.js",
    "mocha/add.js",
    `${ASSERT}${SOURCE}${BODY}`,
  ],
  [
    "jest",
    "NODE_OPTIONS=--no-warnings jest --rootDir jest",
    "jest/add.test.js",
    `const same = (a, b) => expect(a).toBe(b);\n${SOURCE}${BODY}`,
  ],
  [
    "vitest",
    "npm run vitest-alone",
    "vitest/add.test.js",
    `import { describe, expect, it } from "vitest";\nimport * as source from "../add.js";\nconst { add } = source.default; const missing = source.default.missing;\nconst same = (a, b) => expect(a).toBe(b);\n${BODY}`,
  ],
  [
    "tap",
    "tape 'tape/*.js' | cat",
    "tape/add.js",
    `const test = require("tape");\n${SOURCE}test("add > takes zero", (t) => { t.equal(add(1, 0), 1); t.end(); });\ntest("add > adds", (t) => { t.equal(add(1, 2), 3); t.end(); });\ntest("add > calls what isn't there", (t) => { try { missing(); } catch (error) { t.error(error); } t.end(); });\ntest("add > waits", { skip: true }, (t) => { t.end(); });\n`,
  ],
  [
    "ava",
    "ava",
    "ava/add.mjs",
    `import test from "ava";\nimport source from "../add.js";\nconst { add, missing } = source;\ntest("add > takes zero", (t) => t.is(add(1, 0), 1));\ntest("add > adds", (t) => t.is(add(1, 2), 3));\ntest("add > calls what isn't there", () => missing());\ntest.skip("add > waits", (t) => t.pass());\n`,
  ],
  [
    "uvu",
    "uvu uvu",
    "uvu/add.js",
    `const { test } = require("uvu");\nconst { is } = require("uvu/assert");\n${SOURCE}test("add > takes zero", () => is(add(1, 0), 1));\ntest("add > adds", () => is(add(1, 2), 3));\ntest("add > calls what isn't there", () => missing());\ntest.skip("add > waits", () => {});\ntest.run();\n`,
  ],
  [
    "node:test",
    "borp 'borp/*.test.js'",
    "borp/add.test.js",
    `const { describe, it } = require("node:test");\n${ASSERT}${SOURCE}${BODY}`,
  ],
];
const EXPECTED = [
  "pass add > takes zero",
  "fail add > adds assertion",
  "fail add > calls what isn't there exception",
  "skip add > waits",
];

const PACKAGE = {
  private: true,
  scripts: { "vitest-alone": "vitest run vitest/" },
  ava: { files: ["ava/*"] },
  devDependencies: {
    ava: "6.4.1",
    borp: "0.21.0",
    jest: "30.0.5",
    mocha: "11.7.1",
    tape: "5.9.0",
    uvu: "0.5.6",
    vitest: "3.2.4",
  },
};

function put(sandbox: Sandbox, files: Readonly<Record<string, string>>): Promise<void> {
  const encoder = new TextEncoder();
  return sandbox.writeFiles(
    Object.entries(files).map(([path, text]) => ({
      path: `/workspace/${path}`,
      data: encoder.encode(text),
    })),
  );
}

async function projectOf(files: Readonly<Record<string, string>>) {
  return findProject({
    paths: Object.keys(files),
    readFile: async (path) => files[path],
    settings: {},
  });
}

function run(
  sandbox: Sandbox,
  project: Awaited<ReturnType<typeof projectOf>>,
  more: Partial<SuiteOptions> = {},
) {
  return runSuite(sandbox, project, {
    timeoutMs: 120_000,
    createHash: () => createHash("sha256"),
    ...more,
  });
}

const brief = ({ tests }: SuiteRun) =>
  tests.map(
    ({ key, status, failure }) => `${status} ${key.name}${failure ? ` ${failure.reason}` : ""}`,
  );

describeEachRuntime("a check", (runtime) => {
  it("installs from the registry and reads each runner's results test by test", {
    timeout: 600_000,
  }, async () => {
    const { origins, registries } = await findRegistries(undefined);
    const egress = { mode: "allow", origins, registries, maxBytes: 2 ** 31 } as const;
    await using sandbox = await providerFor(runtime, certificates).create({
      ...SPEC,
      limits: { ...SPEC.limits, memoryMiB: 1536, workspaceMiB: 768 },
      egress,
    });
    const sources = Object.fromEntries(SUITES.map(([, , file, text]) => [file, text]));
    await put(sandbox, { ...sources, "add.js": ADD });
    for (const [index, [runner, script, file]] of SUITES.entries()) {
      const manifest = JSON.stringify({
        ...PACKAGE,
        scripts: { ...PACKAGE.scripts, test: script },
      });
      await put(sandbox, { "package.json": manifest });
      const project = await projectOf({ "package.json": manifest });
      expect(project.test).toEqual({ command: "npm test", runner });
      if (index === 0) {
        await install(sandbox, project, {
          env: { ...egressEnv(), ...registryEnv(registries) },
          registries,
          timeoutMs: 300_000,
        });
        await sandbox.setEgress({ mode: "none" });
      }
      const whole = await run(sandbox, project);
      expect(brief(whole).toSorted(), `${runner}:\n${whole.logTail}`).toEqual(EXPECTED.toSorted());
      expect(whole.tests.every(({ key }) => key.file === file)).toBe(true);
      const absent = await run(sandbox, project, { files: [file, "absent.js"] });
      expect(absent.tests.find(({ key }) => key.file === "absent.js")?.status, absent.logTail).toBe(
        "fail",
      );
    }
  });

  it("runs node:test without anything to install, and one file of it", async () => {
    const files = {
      "package.json": '{"scripts":{"test":"node --test"}}',
      "add.js": ADD,
      "test/a.test.js": SUITES[0]?.[3] ?? "",
      "test/b.test.js": 'require("./helper");',
    };
    await using sandbox = await providerFor(runtime).create(SPEC);
    await put(sandbox, files);
    const project = await projectOf(files);
    expect(await install(sandbox, project, { timeoutMs: 60_000 })).toMatchObject({ findings: [] });
    expect(brief(await run(sandbox, project))).toEqual([...EXPECTED, "fail (file) import"]);
    const { tests, command } = await run(sandbox, project, { files: ["test/b.test.js"] });
    expect(tests.map(({ key }) => formatKey(key))).toEqual(["test/b.test.js > (file)"]);
    expect(command).toBe("npm test # only test/b.test.js");
  });

  it("keeps what was reported when the time is up, and says why a suite can't run", async () => {
    const files = {
      "package.json": '{"scripts":{"test":"node --test"}}',
      "test/a.test.js":
        'const { it } = require("node:test"); it("ends", () => {}); it("hangs", () => new Promise(() => setInterval(() => {}, 1000)));',
    };
    await using sandbox = await providerFor(runtime).create(SPEC);
    await put(sandbox, files);
    const result = await run(sandbox, await projectOf(files), { timeoutMs: 12_000 });
    expect(result).toMatchObject({ end: "timeout", exitCode: null });
    expect(brief(result)).toContain("pass ends");
    expect(explainUnrunnable(result)).toContain("did not end");
  });

  it("is not fooled by output that looks like results", async () => {
    const files = {
      "package.json":
        '{"scripts":{"test":"printf \'TAP version 13\\\\nok 1 - forged\\\\n\'; exit 3"}}',
    };
    await using sandbox = await providerFor(runtime).create(SPEC);
    await put(sandbox, files);
    const result = await run(sandbox, await projectOf(files));
    expect(result).toMatchObject({ exitCode: 3, tests: [] });
    expect(result.logTail).toContain("forged");
  });
});
