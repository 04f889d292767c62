import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claim } from "../../../../../src/sandbox/providers/kept/claim.ts";
import {
  type KeptRecord,
  openKeptSandboxes,
} from "../../../../../src/sandbox/providers/kept/kept-sandboxes.ts";
import { becomeOwner } from "../../../../../src/sandbox/providers/kept/owner.ts";

const IN_USE = { kind: "invalid-request", code: "in-use" };
const NONE = { kind: "invalid-request", code: "no-such-sandbox" };

const record = (id: string): KeptRecord => ({
  id,
  token: "ab".repeat(32),
  createdAtMs: 1,
  expiresAtMs: 2,
  labels: { run: "r" },
  isReady: true,
  isolation: {
    provider: "docker",
    runtime: "runc",
    userNamespace: true,
    weak: false,
    imageDigest: "sha256:1",
    networkMode: "none",
  },
});

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("an owner lives as long as it says, and leaves nothing", async () => {
  const owners = join(folder, "owners");
  const owner = await becomeOwner(owners);
  const other = await becomeOwner(owners);
  expect(await other.isAlive(owner.name)).toBe(true);
  expect(await other.isAlive("nobody")).toBe(false);
  await owner[Symbol.asyncDispose]();
  expect(await other.isAlive(owner.name)).toBe(false);
  await other[Symbol.asyncDispose]();
  expect(await readdir(owners)).toEqual([]);
});

test("a folder too deep for a socket is said to be so", async () => {
  const deep = join(folder, "x".repeat(90));
  await expect(becomeOwner(deep)).rejects.toMatchObject({ code: "data-folder" });
});

test("of many who find the last owner dead, one gets what it had", async () => {
  const owners = join(folder, "owners");
  const thing = join(folder, "thing");
  const dead = await becomeOwner(owners);
  expect(await claim(thing, dead)).toBe(true);
  const all = await Promise.all(Array.from({ length: 8 }, () => becomeOwner(owners)));
  expect(await Promise.all(all.map((owner) => claim(thing, owner)))).not.toContain(true);
  await dead[Symbol.asyncDispose]();
  const won = await Promise.all(all.map((owner) => claim(thing, owner)));
  expect(won.filter(Boolean)).toHaveLength(1);
  const winner = all[won.indexOf(true)];
  expect(winner && (await claim(thing, winner))).toBe(true);
  for (const owner of all) await owner[Symbol.asyncDispose]();
});

test("a sandbox is found by its id and its key, by one process after the other", async () => {
  await using second = openKeptSandboxes(folder);
  {
    await using first = openKeptSandboxes(folder);
    const place = await first.claimKey("the key");
    expect(await place.read()).toBeUndefined();
    await place.write(record("one"));
    await place.write({ ...record("one"), expiresAtMs: 3 });
    await expect(second.claimKey("the key")).rejects.toMatchObject(IN_USE);
    await expect(second.claimId("one")).rejects.toMatchObject(IN_USE);
    await expect(second.claimId("two")).rejects.toMatchObject(NONE);
    expect(await second.records()).toEqual([{ ...record("one"), expiresAtMs: 3 }]);
  }
  const place = await second.claimId("one");
  expect(await place.read()).toEqual({ ...record("one"), expiresAtMs: 3 });
  expect(await (await second.claimKey("the key")).read()).toMatchObject({ id: "one" });
  await second.forget("one");
  expect(await place.read()).toBeUndefined();
  await expect(second.claimId("one")).rejects.toMatchObject(NONE);
});

test("places without a sandbox go with the process that took them", async () => {
  await using second = openKeptSandboxes(folder);
  {
    await using first = openKeptSandboxes(folder);
    await first.claimKey(undefined);
    await (await first.claimKey("made")).write(record("one"));
    await second.sweep();
    expect(await readdir(join(folder, "places"))).toHaveLength(2);
  }
  await second.sweep();
  expect(await readdir(join(folder, "places"))).toHaveLength(1);
  expect(await second.records()).toMatchObject([{ id: "one" }]);
});

test("what died on its way in or out is nobody's, and goes", async () => {
  await using kept = openKeptSandboxes(folder);
  await (await kept.claimKey("here")).write(record("one"));
  const places = join(folder, "places");
  const [mine] = await readdir(join(folder, "owners"));
  const alive = `.passing-${mine?.replace(".sock", "")}-1`;
  for (const name of [alive, ".passing-0123456789ab-2", ".passing-nobody-3", "any-unclaimed"]) {
    await mkdir(join(places, name));
  }
  await writeFile(join(places, ".passing-nobody-3/sandbox.json"), JSON.stringify(record("two")));
  expect(await kept.records()).toMatchObject([{ id: "one" }]);
  await kept.sweep();
  expect((await readdir(places)).filter((name) => !name.startsWith("key-"))).toEqual([alive]);
});
