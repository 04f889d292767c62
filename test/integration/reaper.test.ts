import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processesOf } from "../../src/sandbox/providers/docker/orphans.ts";
import { reap } from "../../src/sandbox/reaper.ts";
import {
  canStartEngines,
  type DisposableEngine,
  startDisposableEngine,
  until,
} from "./disposable-engine.ts";
import { docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";
import { useStateFolder } from "./state-folder.ts";

const known = Object.keys((await docker.info()).Runtimes ?? {});

describe.skipIf(!canStartEngines)("what is left of sandboxes", () => {
  const owner = randomUUID();
  const living = { owner, processes: new Set<string>(), runs: new Set<string>() };
  const state = useStateFolder();
  let engine: DisposableEngine;

  beforeAll(async () => {
    engine = await startDisposableEngine();
  }, 600_000);
  afterAll(() => engine?.[Symbol.asyncDispose]());

  const provide = (runtime: string) =>
    providerFor(runtime, {
      env: engine.env,
      stateFolder: state.path,
      labels: { owner, process: "dead" },
    });

  test.each(["runc", "runsc"].filter((name) => known.includes(name)))(
    "is ended when the engine has forgotten the container, and nothing else is: %s",
    async (runtime) => {
      const provider = provide(runtime);
      const make = () => provider.create({ ...SPEC, outlivesProcess: true });
      const [forgotten, other] = [await make(), await make()];
      void sh(forgotten, "setsid sleep 600 & sleep 600");
      await until(async () => (await processesOf(forgotten.id)).length > 2);
      await engine.kill();
      await engine.forget(forgotten.id);
      // Those that the engine knows it ends itself when it starts again.
      await engine.start();
      const listed = await engine.docker.listContainers({ all: true });
      expect(listed.map(({ Id }) => Id)).not.toContain(forgotten.id);
      expect((await processesOf(forgotten.id)).length).toBeGreaterThan(1);
      const stranger = providerFor(runtime, { env: engine.env });
      expect(await stranger.sweepOrphans()).toBe(0);
      expect((await processesOf(forgotten.id)).length).toBeGreaterThan(1);

      const next = provide(runtime);
      expect(await next.sweepOrphans()).toBe(1);
      expect(await processesOf(forgotten.id)).toEqual([]);
      expect(await cgroupsNamed(forgotten.id)).toEqual([]);
      expect((await engine.mounts()).filter((path) => path.includes(forgotten.id))).toEqual([]);
      await expect(next.connect(forgotten.id)).rejects.toMatchObject({ code: "no-such-sandbox" });

      const reaped = await reap(next, Date.now(), living);
      expect(reaped.map(({ id }) => id)).toContain(other.id);
      // What was reaped stays on record until a sweep has seen that nothing of it runs.
      expect(await next.sweepOrphans()).toBe(1);
      expect(await next.sweepOrphans()).toBe(0);
      await until(async () => (await engine.processes()).length === 0);
      await until(async () => (await engine.mounts()).length === 0);
      expect(await readdir(`${state.path}/kept/places`)).toEqual([]);
    },
    600_000,
  );
});

async function cgroupsNamed(id: string): Promise<readonly string[]> {
  const root = "/sys/fs/cgroup";
  const parents = (await readdir(root)).flatMap((name) => [name, `${name}/docker`]);
  return parents.filter((name) => existsSync(`${root}/${name}/${id}`));
}
