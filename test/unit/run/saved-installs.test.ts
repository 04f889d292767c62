import { expect, it } from "vitest";
import { type InstallQuestion, installQuestion, isFresh } from "../../../src/run/saved-installs.ts";
import type { TreeEntry } from "../../../src/workspace/patch.ts";
import { evidenceOf } from "../../fakes/evidence.ts";

const entry = (path: string, blob = "a"): TreeEntry => ({
  path,
  mode: "100644",
  blob: blob.repeat(40),
  bytes: 1,
});

const TREE = ["lib/a.js", "package-lock.json", "package.json", ".npmrc"].map((path) => entry(path));
const LOCK = { lockfileVersion: 3, packages: { "": {}, "node_modules/a": { version: "1.0.0" } } };
const text = (files: Record<string, unknown>) => async (path: string) =>
  path in files ? JSON.stringify(files[path]) : undefined;
const FILES = { "package.json": { scripts: { test: "node --test" } }, "package-lock.json": LOCK };

const question = (more: Partial<InstallQuestion> = {}): InstallQuestion => ({
  repositoryId: 7,
  isolation: evidenceOf().isolation,
  nodeVersion: "v24.21.0",
  command: "npm ci",
  isConfigured: false,
  registries: { origins: [], registries: [] },
  tree: TREE,
  readFile: text(FILES),
  ...more,
});
const asked = (more: Partial<InstallQuestion> = {}) => installQuestion(question(more));
const changed = (path: string) => TREE.map((one) => (one.path === path ? entry(path, "b") : one));

/** Whether a file that no package manager reads makes another question of it. */
async function countsAll(more: Partial<InstallQuestion>, tree = TREE): Promise<boolean> {
  const other = tree.map((one) => (one.path === "lib/a.js" ? entry(one.path, "b") : one));
  return (await asked({ ...more, tree })) !== (await asked({ ...more, tree: other }));
}
const withFiles = (files: Record<string, unknown>) => ({ readFile: text({ ...FILES, ...files }) });

it("everything that decides what an installation makes is another question", async () => {
  const { isolation } = question();
  const others: Partial<InstallQuestion>[] = [
    { repositoryId: 8 },
    { isolation: { ...isolation, imageDigest: "sha256:other" } },
    { isolation: { ...isolation, runtime: "other" } },
    { nodeVersion: "v22.1.0" },
    { command: "npm install" },
    { registries: { origins: ["a.test:443"], registries: [] } },
    { tree: changed("package-lock.json") },
    { tree: changed("package.json") },
    { tree: changed(".npmrc") },
    { tree: [...TREE, entry("node_modules/a/index.js")] },
    { isConfigured: true },
  ];
  const all = await Promise.all([{}, ...others].map((more) => asked(more)));
  expect(new Set(all).size).toBe(all.length);
  expect(all).not.toContain(undefined);
});

it("a file that npm doesn't read is none, as long as it only unpacks what its lock file names", async () => {
  expect(await countsAll({})).toBe(false);
  const fsevents = { hasInstallScript: true, os: ["darwin"] };
  const forOthers = { ...LOCK, packages: { ...LOCK.packages, "node_modules/fsevents": fsevents } };
  expect(await countsAll(withFiles({ "package-lock.json": forOthers }))).toBe(false);
});

it.each(["prepare", "postinstall", "preinstall", "install"])(
  "its own %s may read any file",
  async (name) => {
    const scripts = { [name]: "node lib/a.js" };
    expect(await countsAll(withFiles({ "package.json": { scripts } }))).toBe(true);
  },
);

it("whatever else is run meanwhile may read any file", async () => {
  const script = { "node_modules/@prisma/client": { hasInstallScript: true } };
  const locks = [
    { ...LOCK, packages: { ...LOCK.packages, ...script } },
    { lockfileVersion: 1, dependencies: {} },
    "no lock",
  ];
  for (const lock of locks) {
    expect(await countsAll(withFiles({ "package-lock.json": lock }))).toBe(true);
  }
  expect(await countsAll({ isConfigured: true, command: "npm ci && make" })).toBe(true);
  for (const path of ["packages/b/package.json", "binding.gyp"]) {
    expect(await countsAll({}, [...TREE, entry(path)])).toBe(true);
  }
  const yarn = ["lib/a.js", "package.json", "yarn.lock"].map((path) => entry(path));
  expect(await countsAll({}, yarn)).toBe(true);
});

it("without a lock file at the top nothing is known beforehand", async () => {
  const tree = TREE.filter(({ path }) => path !== "package-lock.json");
  expect(await asked({ tree })).toBeUndefined();
  expect(await asked({ tree: [...tree, entry("docs/package-lock.json")] })).toBeUndefined();
});

it("what was installed longer than a week ago is installed again", () => {
  const install = { installedAtMs: 1_000, findings: [], refusals: [] };
  expect(isFresh(install, 1_000 + 6 * 86_400_000)).toBe(true);
  expect(isFresh(install, 1_000 + 7 * 86_400_000)).toBe(false);
});
