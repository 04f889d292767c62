import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install } from "../../src/check/install.ts";
import type { Project } from "../../src/check/project.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { prove } from "../../src/evidence/matrix.ts";
import { readEvidence } from "../../src/evidence/read-evidence.ts";
import { type Baseline, runBaseline } from "../../src/evidence/runs/baseline.ts";
import type { MatrixPorts } from "../../src/evidence/runs/fresh-sandbox.ts";
import type { Sandbox, SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { applyChanges } from "../../src/workspace/apply-changes.ts";
import type { FileChange } from "../../src/workspace/patch.ts";
import { facts } from "../fakes/evidence-facts.ts";
import { measuringPorts } from "../measuring-ports.ts";
import { providerFor, SPEC } from "./sandbox-fixture.ts";

const project: Project = {
  packageManager: "npm",
  test: { command: "npm test", runner: "node:test" },
  types: "! cat complaint || exit 2",
  findings: [],
};
const TEST = `import assert from "node:assert";
import { test } from "node:test";
import { clamp } from "../clamp.js";

test("keeps what is inside", () => {
  assert.equal(clamp(2, 1, 3), 2);
});

test("raises what is below", () => {
  assert.equal(clamp(0, 1, 3), 1);
});
`;
const BASE: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ type: "module", scripts: { test: "node --test" } }),
  "clamp.js": "export const clamp = (value, low, high) => Math.max(low, value);\n",
  "test/clamp.test.js": TEST,
};
const FIXED = "export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));\n";
const NEW_TEST = `\ntest("lowers what is above", () => {\n  assert.equal(clamp(4, 1, 3), 3);\n});\n`;

const write = (path: string, text: string): FileChange => ({
  path,
  kind: "write",
  mode: "100644",
  data: Buffer.from(text),
});
const FIX = write("clamp.js", FIXED);

describe("a patch in real sandboxes", () => {
  const signal = new AbortController().signal;
  const made: Sandbox[] = [];
  let provider: SandboxProvider;
  let baseline: Baseline;

  const ports: MatrixPorts = {
    freshSandbox: async () => {
      const sandbox = await provider.create(SPEC, { signal });
      made.push(sandbox);
      const files = Object.entries(BASE).map(([path, text]) => ({
        path: `/workspace/${path}`,
        data: Buffer.from(text),
      }));
      await sandbox.writeFiles(files);
      return sandbox;
    },
    ...measuringPorts,
    applyChanges,
    installAgain: async (sandbox) => void (await install(sandbox, project, { timeoutMs: 60_000 })),
  };
  const options = { project, timeoutMs: 120_000, atOnce: 2, signal };
  const proveWith = (...changes: readonly FileChange[]): Promise<Evidence> =>
    prove(ports, {
      ...options,
      baseline,
      patch: {
        baseSha: facts.baseSha,
        changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      },
      facts,
    });

  beforeAll(async () => {
    provider = providerFor("runc");
    baseline = await runBaseline(ports, options);
  });
  afterAll(async () => {
    for (const sandbox of made) expect(sandbox.lost.aborted).toBe(true);
  });

  test("is verified by a test that fails without it", async () => {
    const evidence = await proveWith(FIX, write("test/clamp.test.js", TEST + NEW_TEST));
    expect(evidence).toMatchObject({ verdict: "verified", reasons: [], tests: { passToPass: 2 } });
    expect(evidence.tests.failToPass).toMatchObject([
      {
        key: { file: "test/clamp.test.js", name: "lowers what is above", ordinal: 1 },
        origin: "added",
        strength: "strong",
        base: { run: "R1", reason: "assertion" },
      },
    ]);
    expect(evidence.commands.map(({ id, end, exitCode }) => `${id} ${end} ${exitCode}`)).toEqual([
      "R0a exit 0",
      "R0b exit 0",
      "R1a exit 1",
      "R1b exit 1",
      "R2 exit 0",
      "R3a exit 0",
      "R3b exit 0",
      "R3c exit 0",
      "R3d exit 0",
      "R5a exit 1",
      "R5b exit 0",
      "R2b exit 0",
      "R6b exit 0",
      "R6e exit 0",
    ]);
    expect(readEvidence(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
  });

  test("tells which part no test needs, which line none runs, and what is wrong with its types", async () => {
    const more =
      "export const clamp = (value, low, high) => {\n  if (low > high) {\n    return low;\n  }\n  return Math.min(high, Math.max(low, value));\n};\n";
    const evidence = await proveWith(
      write("clamp.js", more),
      write("unused.js", "export const unused = 1;\n"),
      write("complaint", "clamp.js(4,5): error TS7027: Unreachable code detected.\n"),
      write("test/clamp.test.js", TEST + NEW_TEST),
    );
    expect(evidence.verdict).toBe("verified");
    const needed = evidence.hunks.map(({ path, neededBy }) => [path, (neededBy ?? []).length > 0]);
    expect(needed).toEqual([
      ["clamp.js", true],
      ["complaint", false],
      ["unused.js", false],
    ]);
    expect(evidence.coverage).toMatchObject({
      tool: "V8",
      changedLines: 5,
      coveredLines: 3,
      uncovered: [
        { path: "clamp.js", lines: [3] },
        { path: "unused.js", lines: [1] },
      ],
    });
    expect(evidence.checks.types).toMatchObject({
      base: { exitCode: 0 },
      head: { exitCode: 2 },
      news: ["clamp.js: error TS7027: Unreachable code detected."],
    });
  });

  test("that only a file it adds can load is weakly verified", async () => {
    const isNew =
      'import assert from "node:assert";\nimport { test } from "node:test";\nimport { wrap } from "../wrap.js";\n\ntest("wraps", () => assert.ok(wrap));\n';
    const evidence = await proveWith(
      write("test/wrap.test.js", isNew),
      write("wrap.js", "export const wrap = 1;\n"),
    );
    expect(evidence.verdict).toBe("verified_weak");
    expect(evidence.tests.failToPass[0]?.base.reason).toBe("import");
  });

  test("without a test proves nothing", async () => {
    expect((await proveWith(FIX)).verdict).toBe("verified_no_new_test");
  });

  test.each<[string, readonly FileChange[]]>([
    ["breaks another test", [write("clamp.js", FIXED.replace("Math.max(low, value)", "value"))]],
    [
      "skips a test",
      [write("test/clamp.test.js", TEST.replace('test("raises', 'test.skip("raises') + NEW_TEST)],
    ],
    [
      "deletes a test",
      [write("test/clamp.test.js", TEST.slice(0, TEST.indexOf('test("raises')) + NEW_TEST)],
    ],
    [
      "loosens a test",
      [
        write(
          "test/clamp.test.js",
          TEST.replace("assert.equal(clamp(0, 1, 3), 1)", "assert.ok(true)") + NEW_TEST,
        ),
      ],
    ],
    ["ends the process in a test", [write("test/exit.test.js", "process.exit(0);\n")]],
    ["ends the process in the source", [write("clamp.js", `process.exit(0);\n${FIXED}`)]],
    [
      "prints what a passing suite prints",
      [
        write(
          "clamp.js",
          `console.log("ok 1 - all\\n# pass 99\\n# fail 0");\nprocess.exit(0);\n${FIXED}`,
        ),
      ],
    ],
    [
      "knows that it is tested",
      [
        write("clamp.js", `if (process.env.NODE_TEST_CONTEXT) {}\n${FIXED}`),
        write("test/clamp.test.js", TEST + NEW_TEST),
      ],
    ],
  ])("is never verified when it %s", async (_, changes) => {
    const evidence = await proveWith(
      ...(changes.some((change) => change.path === "clamp.js") ? [] : [FIX]),
      ...changes,
    );
    expect(evidence.verdict).toBe("unverified");
  });
});
