import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bootId } from "../../../../../../src/sandbox/providers/docker/workspaces/living.ts";
import {
  newName,
  type SnapshotRecord,
  writeRecord,
} from "../../../../../../src/sandbox/providers/docker/workspaces/records.ts";
import {
  openStateFolder,
  readSnapshot,
} from "../../../../../../src/sandbox/providers/docker/workspaces/state-folder.ts";

test("a snapshot is of use to the same users since the same start of the host, and to nobody else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const state = await openStateFolder(folder);
  const parts: SnapshotRecord["parts"] = [{ kind: "layer", key: newName() }];
  const keep = async (more: Partial<SnapshotRecord>) => {
    const name = newName();
    const record = { boot: await bootId(), uid: 100_000, parts, ...more };
    await writeRecord(join(state.places.snapshots, name), record);
    return name;
  };
  const kept = await keep({});
  expect(await readSnapshot(state, kept, 100_000)).toEqual(parts);
  const refused = { kind: "invalid-request", code: "no-such-snapshot" };
  await expect(readSnapshot(state, kept, 1000)).rejects.toMatchObject(refused);
  const older = await keep({ boot: "another start" });
  await expect(readSnapshot(state, older, 100_000)).rejects.toMatchObject(refused);
  await expect(readSnapshot(state, newName(), 100_000)).rejects.toMatchObject(refused);
});
