import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { SavedInstall } from "../../../../src/run/saved-installs.ts";
import { createInstallFiles } from "../../../../src/run/stores/install-files.ts";

const install: SavedInstall = {
  installedAtMs: 5,
  dependencies: { digest: `sha256:${"a".repeat(64)}`, bytes: 3, paths: ["node_modules/"] },
  findings: ["A way around"],
  refusals: [{ host: "a.test", port: 443, reason: "no", command: "npm ci", count: 2 }],
};

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-installs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it("another process finds what was kept, for its owner only, and the last one counts", async () => {
  const folder = join(await openFolder(), "installs");
  const installs = createInstallFiles(folder);
  expect(await installs.get("sha256:1")).toBeUndefined();
  await installs.put("sha256:1", { installedAtMs: 1, findings: [], refusals: [] });
  await installs.put("sha256:1", install);
  expect(await createInstallFiles(folder).get("sha256:1")).toEqual(install);
  const [name = ""] = await readdir(folder);
  expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
});

it("what can't be read is as if it weren't there", async () => {
  const folder = await openFolder();
  const installs = createInstallFiles(folder);
  await installs.put("sha256:1", install);
  const [name = ""] = await readdir(folder);
  for (const text of ["", "{", '{"installedAtMs":"x"}', JSON.stringify({ ...install, more: 1 })]) {
    await writeFile(join(folder, name), text);
    expect(await installs.get("sha256:1")).toBeUndefined();
  }
});

it("of more than a thousand, those go that were used longest ago", async () => {
  const folder = await openFolder();
  const installs = createInstallFiles(folder);
  for (let index = 0; index < 1_000; index++) {
    const path = join(folder, `sha256_${index}`);
    await writeFile(path, JSON.stringify(install));
    await utimes(path, index, index);
  }
  expect(await installs.get("sha256:0")).toEqual(install);
  await installs.put("sha256:new", install);
  const left = await readdir(folder);
  expect(left).toHaveLength(1_000);
  expect(left).not.toContain("sha256_1");
  expect(left).toEqual(expect.arrayContaining(["sha256_0", "sha256_2", "sha256_new"]));
});
