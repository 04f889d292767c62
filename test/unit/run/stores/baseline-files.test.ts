import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { SavedBaseline } from "../../../../src/run/saved-baselines.ts";
import { createBaselineFiles } from "../../../../src/run/stores/baseline-files.ts";

const saved: SavedBaseline = {
  measuredAtMs: 5,
  baseline: `sha256:${"a".repeat(64)}`,
  logs: [`sha256:${"b".repeat(64)}`],
};

it("another process finds what was kept, and what can't be read is as if it weren't there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-baselines-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await createBaselineFiles(folder).put("sha256:1", saved);
  const baselines = createBaselineFiles(folder);
  expect(await baselines.get("sha256:1")).toEqual(saved);
  expect(await baselines.get("sha256:2")).toBeUndefined();
  const [name = ""] = await readdir(folder);
  const wrong = ["", "{", { ...saved, baseline: "../../key" }, { ...saved, more: 1 }];
  for (const one of wrong) {
    await writeFile(join(folder, name), typeof one === "string" ? one : JSON.stringify(one));
    expect(await baselines.get("sha256:1")).toBeUndefined();
  }
});
