import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import { isPull } from "../github/world/world.ts";
import type { Turn } from "../model/scripted-model.ts";
import { endOfRun, REPOSITORY, type Stage, setStage } from "./stage.ts";
import { TOY_FILES, TOY_SCRIPT, TOY_TEST } from "./toy-repository.ts";

const INSTALL = "npm install --no-audit --no-fund --no-package-lock";
const manifest = (dependencies: object) =>
  `${JSON.stringify({ ...JSON.parse(TOY_FILES["package.json"] ?? ""), dependencies }, null, 2)}\n`;
const BEFORE = manifest({ "is-number": "7.0.0" });
const shell = (command: string, setup: boolean) => ({
  tool: "shell" as const,
  input: { command, setup },
});

const SCRIPT: readonly Turn[] = [
  {
    text: "It needs a package.",
    calls: [
      { tool: "read_file", input: { path: "package.json" } },
      {
        tool: "write_file",
        input: {
          path: "package.json",
          content: manifest({ "is-number": "7.0.0", "is-odd": "3.0.1" }),
        },
      },
      shell("npm install is-odd", true),
      shell(
        "npm view is-odd version --registry http://127.0.0.1:3128/npm/ --fetch-retries 0",
        false,
      ),
      shell(INSTALL, true),
      shell("ls node_modules; curl -m 5 http://127.0.0.1:3128/npm/is-odd", false),
    ],
  },
  {
    text: "A test and the fix.",
    calls: [
      { tool: "write_file", input: { path: "test/add.test.js", content: TOY_TEST } },
      { tool: "read_file", input: { path: "sum.js" } },
      {
        tool: "edit_file",
        input: {
          path: "sum.js",
          edits: [
            {
              old_string: "export function add",
              new_string: 'import isOdd from "is-odd";\n\nisOdd(1);\n\nexport function add',
            },
            { old_string: "a - b", new_string: "a + b" },
          ],
        },
      },
      { tool: "run_tests", input: { scope: "full" } },
    ],
  },
  ...TOY_SCRIPT.slice(-1),
];

describe("an issue that needs another package", () => {
  let stage: Stage;
  let summary: RunSummary;

  beforeAll(async () => {
    stage = await setStage({
      script: SCRIPT,
      files: { ...TOY_FILES, "package.json": BEFORE, ".gitignore": "node_modules\n" },
    });
    const dunlin = await stage.start();
    await stage.ask();
    summary = await endOfRun(dunlin);
    await stage.github.settled();
  }, 600_000);
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("is set up again for the model by the install command alone", () => {
    const told = JSON.stringify(stage.model.requests.at(-1));
    expect(told).toContain(`Error: with setup only the project's install command may run`);
    expect(told).toContain("[installed]");
    expect(told).toMatch(/is-number\\+n(?:[\w.-]+\\+n)*is-odd/);
  });

  it("is verified after an installation of its own, and says what was changed and refused", () => {
    expect(summary).toMatchObject({ run: { state: "proposed", outcome: "verified" } });
    const repository = stage.github.repository(REPOSITORY);
    const body = [...repository.issues.values()].find(isPull)?.body ?? "";
    expect(body).toContain("### Changed dependencies (1)");
    expect(body).toContain("| `is-odd` | (none) | `3.0.1` | `package.json` |");
    expect(body).toContain("dependencies-unchanged");
    expect(body).toMatch(/### Blocked requests \(\d+\)/);
    expect(body).toMatch(
      /`127\.0\.0\.1:3128` \| `The network is disabled in this phase\.` \| `sh -c/,
    );
  });
});
