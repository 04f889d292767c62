import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { importRules, readImportTables } from "./import-rules.ts";

const root = process.cwd();
const tables = readImportTables(await readFile("docs/architecture.md", "utf8"));

async function cruiseIn(folder: string): Promise<ICruiseResult> {
  const options = {
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden: importRules(tables) },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  };
  const { output } = await cruise(["src"], options);
  if (typeof output === "string") throw new Error(output);
  return output;
}

function violations(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

let project: ICruiseResult;
beforeAll(async () => {
  project = await cruiseIn(root);
}, 60_000);

test("every import is in the table of docs/architecture.md", () => {
  expect(violations(project)).toEqual([]);
});

test("all sources were looked at", async () => {
  // The tool finds nothing, and no fault, when it can't parse TypeScript.
  const files = await readdir("src", { recursive: true });
  const sources = files.filter((file) => file.endsWith(".ts"));
  const seen = project.modules.filter(({ source }) => source.startsWith("src/"));
  expect(seen.length).toBeGreaterThanOrEqual(sources.length);
  expect(seen.length).toBeGreaterThan(10);
  const edges = seen.flatMap((module) => module.dependencies);
  expect(edges.length).toBeGreaterThan(seen.length);
});

test("no row stands for something that is gone", async () => {
  const files = await readdir("src", { recursive: true });
  for (const { name } of tables.parts) expect(files).toContain(name);
});

test.each([
  ["a core folder that imports another", "src/command/x.ts", `import "../run/y.ts";`, "command"],
  ["an adapter named by a core folder", "src/run/x.ts", `import "./stores/y.ts";`, "run"],
  ["a type alone", "src/command/x.ts", `import type { Y } from "../run/y.ts";`, "command"],
  ["a Node module in core", "src/run/x.ts", `import "node:fs";`, "run is core"],
  ["a library outside its owner", "src/run/x.ts", `import "dockerode";`, "dockerode"],
  ["a package in the guest", "src/sandbox/guest/x.ts", `import "../sandbox.ts";`, "sandbox/guest"],
  ["a folder without a row", "src/run/x.ts", `import "../misc/y.ts";`, "part without a row"],
  ["a library without a row", "src/run/x.ts", `import "vitest";`, "library without a row"],
])("a planted fault is found: %s", async (_, file, source, rule) => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-architecture-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const others = ["src/run/y.ts", "src/run/stores/y.ts", "src/misc/y.ts", "src/sandbox/sandbox.ts"];
  for (const [path, text] of [
    ...others.map((path) => [path, "export type Y = 1;"]),
    [file, source],
  ]) {
    await mkdir(join(folder, dirname(path ?? "")), { recursive: true });
    await writeFile(join(folder, path ?? ""), text ?? "");
  }
  const found = violations(await cruiseIn(folder));
  expect(found.some((line) => line.startsWith(`${rule}: ${file}`))).toBe(true);
});
