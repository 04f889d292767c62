import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeUnusedRoots } from "../../../../../src/sandbox/providers/bubblewrap/host-root.ts";

const DAY_MS = 86_400_000;

test("roots that nobody has used for two weeks go, whole, and one's own never", async () => {
  const roots = await mkdtemp(join(tmpdir(), "dunlin-roots-"));
  onTestFinished(() => rm(roots, { recursive: true, force: true }));
  const nowMs = Date.now();
  const ages = { own: 30, recent: 13, unused: 15, "cut-short.new": 15, "half.gone": 15 };
  for (const [name, days] of Object.entries(ages)) {
    await mkdir(join(roots, name, "etc"), { recursive: true });
    await writeFile(join(roots, name, "etc/passwd"), "");
    const used = new Date(nowMs - days * DAY_MS);
    await utimes(join(roots, name), used, used);
  }
  await removeUnusedRoots(join(roots, "own"), nowMs);
  expect((await readdir(roots)).sort()).toEqual(["own", "recent"]);
});
