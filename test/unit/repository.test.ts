import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const Dependencies = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  scripts: z.record(z.string(), z.string()),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});
const manifest = Manifest.parse(json("package.json"));
const lock = z
  .object({ packages: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })) })
  .parse(json("package-lock.json")).packages;

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

test("the lock file is that of package.json and knows the content of every package", () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  expect(lock[""]).toMatchObject({ dependencies, devDependencies, optionalDependencies });
  const unknown = Object.keys(lock).filter((place) => place !== "" && !lock[place]?.integrity);
  expect(unknown).toEqual([]);
});

test("dependencies are exact versions", () => {
  const all = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  };
  for (const version of Object.values(all)) expect(version).toMatch(/^(npm:\S+@)?\d+\.\d+\.\d+/);
});

test("no script names node twice: a shell keeps the one that it found first", () => {
  for (const line of Object.values(manifest.scripts)) {
    expect(line.match(/\bnode /g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});

test("the App asks for the least, and never for workflows", () => {
  const app = parse(readFileSync("app.yml", "utf8"));
  expect(app).toMatchObject({ public: false, hook_attributes: { url: expect.any(String) } });
  expect(app.default_permissions).toEqual({
    metadata: "read",
    contents: "write",
    pull_requests: "write",
    issues: "write",
    checks: "write",
  });
  expect(app.default_events).toEqual(["issues", "issue_comment"]);
});

test("no registry's host name stands in the project", () => {
  // In two parts, so that this file doesn't hold it either.
  const names = ["registry.npmjs", "registry-1.docker", "registry.yarnpkg"].map(
    (name) => `${name}.`,
  );
  const args = [
    "grep",
    "-lIF",
    ...names.flatMap((name) => ["-e", name]),
    "--",
    ".",
    ":!test/unit/repository.test.ts",
  ];
  const found = () => execFileSync("git", args, { encoding: "utf8" });
  expect(found).toThrow(expect.objectContaining({ status: 1 }));
});
