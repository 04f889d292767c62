import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { attach } from "../../src/sandbox/providers/docker/machine.ts";
import type { SandboxProvider, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { layer } from "../conformance/archive.ts";
import {
  COUNT_JOBS,
  describeEachRuntime,
  docker,
  providerFor,
  SPEC,
  sh,
} from "./sandbox-fixture.ts";
import { useStateFolder } from "./state-folder.ts";

const IN_USE = { kind: "invalid-request", code: "in-use" };
const NONE = { kind: "invalid-request", code: "no-such-sandbox" };

describeEachRuntime("a sandbox that outlives its process", (runtime) => {
  const owner = randomUUID();
  const makers: ChildProcess[] = [];
  const [state, elsewhere] = [useStateFolder(), useStateFolder()];
  let stateFolder = "";
  let provider: SandboxProvider;

  beforeAll(() => {
    stateFolder = state.path;
    provider = providerFor(runtime, { stateFolder });
  });
  afterEach(async () => {
    for (const maker of makers.splice(0)) maker.kill("SIGKILL");
    for (const { id } of await provider.list({ owner })) await provider.destroy(id);
  });

  async function make(
    more: Partial<SandboxSpec> = {},
  ): Promise<{ id: string; kill(): Promise<void> }> {
    const file = join(import.meta.dirname, "sandbox-keeper.ts");
    const spec = JSON.stringify({ ...SPEC, ...more, labels: { owner } });
    const maker = spawn(process.execPath, [file, runtime, stateFolder, spec], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    makers.push(maker);
    const [id] = await once(maker.stdout, "data");
    return {
      id: String(id).trim(),
      async kill() {
        maker.kill("SIGKILL");
        await once(maker, "exit");
      },
    };
  }

  test("is had by one process at a time, and taken over as it was when that one is killed", async () => {
    const maker = await make();
    await expect(provider.connect(maker.id)).rejects.toMatchObject(IN_USE);
    await maker.kill();
    const other = providerFor(runtime, { stateFolder });
    const tries = await Promise.allSettled([provider.connect(maker.id), other.connect(maker.id)]);
    const refusals = tries.filter((one) => one.status === "rejected");
    expect(refusals.map(({ reason }) => reason)).toMatchObject([IN_USE]);
    const [sandbox] = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    if (sandbox === undefined) throw new Error("nobody was connected");
    // What ran is over, with all it had started; not a byte of its output comes through.
    expect(await sh(sandbox, COUNT_JOBS)).toMatchObject({ end: "exit", out: "0\n", err: "" });
    expect((await sh(sandbox, "cat kept")).out).toBe("as it was");
    const late = "cat /tmp/late; sleep 0.5; cat /tmp/late";
    expect(new Set((await sh(sandbox, late)).out.trim().split("\n")).size).toBe(1);
    expect(sandbox.isolation).toMatchObject({ provider: "docker", runtime });
    const { labels, state, expiresAtMs } = await sandbox.info();
    expect({ owner: labels["owner"], state }).toEqual({ owner, state: "running" });
    expect(expiresAtMs).toBeLessThan(Date.now() + SPEC.maxLifetimeMs);
    await sandbox.destroy();
    await expect(other.connect(maker.id)).rejects.toMatchObject(NONE);
    await expect(provider.connect(maker.id)).rejects.toMatchObject(NONE);
    expect(await readdir(join(stateFolder, "kept/places"))).toEqual([]);
  });

  test("is the one that a second process gets for its key", async () => {
    const key = randomUUID();
    const maker = await make({ key });
    const spec = { ...SPEC, key, labels: { owner }, outlivesProcess: true };
    await expect(provider.create(spec)).rejects.toMatchObject(IN_USE);
    await maker.kill();
    const [first, second] = await Promise.all([provider.create(spec), provider.create(spec)]);
    expect(first).toBe(second);
    expect(first.id).toBe(maker.id);
    expect(await provider.connect(maker.id)).toBe(first);
    expect((await sh(first, "cat kept")).out).toBe("as it was");
    await first.destroy();
    const next = await provider.create(spec);
    expect(next.id).not.toBe(maker.id);
    expect((await sh(next, "ls /workspace")).out).toBe("");
    await next.destroy();
  });

  test("is made anew for its key when its maker died before all was in place", async () => {
    const key = randomUUID();
    const file = join(import.meta.dirname, "sandbox-cut-short.ts");
    const maker = spawn(process.execPath, [file, runtime, stateFolder, key, owner], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    makers.push(maker);
    await once(maker.stdout, "data");
    const [half] = await provider.list({ owner });
    maker.kill("SIGKILL");
    await once(maker, "exit");
    const layers = [await layer("/home/job/files", { name: "f", content: "whole" })];
    const spec = { ...SPEC, key, layers, labels: { owner }, outlivesProcess: true };
    const sandbox = await provider.create(spec);
    expect(sandbox.id).not.toBe(half?.id);
    expect((await sh(sandbox, "cat ~/files/f")).out).toBe("whole");
    expect((await provider.list({ owner })).map(({ id }) => id)).toEqual([sandbox.id]);
    await sandbox.destroy();
  });

  test("can be taken over by nobody who may not read the data folder", async () => {
    const maker = await make();
    const inspected = await docker.getContainer(maker.id).inspect();
    const places = join(stateFolder, "kept/places");
    const [place = ""] = await readdir(places);
    const file = join(places, place, "sandbox.json");
    const { token } = JSON.parse(await readFile(file, "utf8"));
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(inspected)).not.toContain(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(places, place))).mode & 0o077).toBe(0);
    const stranger = providerFor(runtime, { stateFolder: elsewhere.path });
    await expect(stranger.connect(maker.id)).rejects.toMatchObject(NONE);
    await expect(providerFor(runtime).connect(maker.id)).rejects.toMatchObject(NONE);
  });

  test("isn't in the hands of a stale host that still writes to it", async () => {
    const maker = await make();
    await maker.kill();
    // A second stream to the same guest, as a process has that was cut off and doesn't know it.
    const stale = await attach(docker.getContainer(maker.id));
    stale.input.write(Buffer.alloc(70_000, 7));
    const sandbox = await provider.connect(maker.id);
    expect((await sh(sandbox, "echo mine")).out).toBe("mine\n");
    stale.input.destroy();
    await sandbox.destroy();
  });

  test("ends when its time is over though nobody is there any more", async () => {
    const maker = await make({ maxLifetimeMs: 15_000 });
    const ended = docker.getContainer(maker.id).wait();
    await maker.kill();
    await ended;
    await expect(provider.connect(maker.id)).rejects.toMatchObject(NONE);
    expect(await provider.list({ owner })).toEqual([]);
  });

  test("has its time extended for whoever comes later, too", async () => {
    const spec = { ...SPEC, labels: { owner }, outlivesProcess: true };
    const brief = await provider.create({ ...spec, maxLifetimeMs: 60_000 });
    await brief.extend(600_000);
    const { expiresAtMs } = await brief.info();
    expect(expiresAtMs).toBeGreaterThan(Date.now() + 500_000);
    const [listed] = await providerFor(runtime, { stateFolder }).list({ owner });
    expect(listed?.expiresAtMs).toBe(expiresAtMs);
    await brief.destroy();
  });

  test("needs a folder to be remembered in", async () => {
    const forgetful = providerFor(runtime);
    const spec = { ...SPEC, labels: { owner }, outlivesProcess: true };
    const unmet = { kind: "invalid-request", code: "requirement-not-met" };
    await expect(forgetful.create(spec)).rejects.toMatchObject(unmet);
    await expect(forgetful.create({ ...SPEC, require: { reconnect: true } })).rejects.toMatchObject(
      unmet,
    );
    expect((await provider.probe()).capabilities).toMatchObject({ reconnect: true });
  });
});
