import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  isLiving,
  nameThisProcess,
} from "../../../../../../src/sandbox/providers/docker/workspaces/living.ts";
import {
  deleteRecord,
  isName,
  namesIn,
  newName,
  pathOfPart,
  readRecord,
  SnapshotRecord,
  writeRecord,
} from "../../../../../../src/sandbox/providers/docker/workspaces/records.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "records-"));
});
afterEach(() => rm(folder, { recursive: true }));

const record: SnapshotRecord = {
  boot: "b",
  uid: 501000,
  parts: [
    { kind: "upper", volume: "a".repeat(20), generation: 3 },
    { kind: "layer", key: "b".repeat(32) },
  ],
};

it("a record comes back as it was, and is complete or not there", async () => {
  const path = join(folder, "deep", newName());
  await writeRecord(path, record);
  expect(await readRecord(path, SnapshotRecord)).toEqual(record);
  expect(await readdir(join(folder, "deep"))).toHaveLength(1);
  await deleteRecord(path);
  await deleteRecord(path);
  expect(await readRecord(path, SnapshotRecord)).toBeUndefined();
});

it.each(["", "{", "[]", '{"boot":1}'])("a record that holds %j is none", async (text) => {
  await writeFile(join(folder, "broken"), text);
  expect(await readRecord(join(folder, "broken"), SnapshotRecord)).toBeUndefined();
});

it("only our own names are taken for ours", async () => {
  const name = newName();
  for (const file of [name, "new-1", "..x", "lost+found"]) await writeFile(join(folder, file), "");
  expect(await namesIn(folder)).toEqual([name]);
  expect(await namesIn(join(folder, "missing"))).toEqual([]);
  for (const odd of ["", "../../etc/passwd", `${name}/..`, `${name}\n`, "x".repeat(20)]) {
    expect(isName(odd)).toBe(false);
  }
});

it("eighty snapshots of one workspace fit into one call of the kernel's", () => {
  const parts = Array.from({ length: 80 }, (_, index) => ({
    kind: "upper" as const,
    volume: newName(),
    generation: index + 1,
  }));
  expect(parts.map(pathOfPart).join(":").length).toBeLessThan(3500);
});

it("a process is told from a later one with its number, and from those before the host's start", async () => {
  const own = await nameThisProcess();
  expect(await isLiving(own)).toBe(true);
  expect(await isLiving({ ...own, startedAt: "1" })).toBe(false);
  expect(await isLiving({ ...own, boot: "another" })).toBe(false);
  expect(await isLiving({ ...own, pid: 2 ** 22 + 1 })).toBe(false);
});
