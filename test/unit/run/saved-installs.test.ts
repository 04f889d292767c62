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
const question = (more: Partial<InstallQuestion> = {}): InstallQuestion => ({
  repositoryId: 7,
  isolation: evidenceOf().isolation,
  nodeVersion: "v24.21.0",
  command: "npm ci",
  registries: { origins: [], registries: [] },
  tree: TREE,
  ...more,
});
const asked = (more: Partial<InstallQuestion> = {}) => installQuestion(question(more));
const changed = (path: string) => TREE.map((one) => (one.path === path ? entry(path, "b") : one));

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
    { tree: changed("lib/a.js") },
    { tree: [...TREE, entry("vendor/a.tgz")] },
  ];
  const all = await Promise.all([{}, ...others].map((more) => asked(more)));
  expect(new Set(all).size).toBe(all.length);
  expect(all).not.toContain(undefined);
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
