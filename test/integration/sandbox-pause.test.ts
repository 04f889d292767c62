import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { processesOf } from "../../src/sandbox/providers/docker/orphans.ts";
import { describeEachRuntime, docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

describeEachRuntime("a paused sandbox", (runtime) => {
  const provider = providerFor(runtime);
  const owner = randomUUID();
  afterEach(async () => {
    for (const { id } of await provider.list({ owner })) await provider.destroy(id);
  });

  test("stands still as a whole, and goes on where it was", async () => {
    await using sandbox = await provider.create(SPEC);
    await sh(sandbox, "echo kept > /tmp/kept");
    for (let round = 0; round < 3; round += 1) {
      await sandbox.pause();
      const before = await processorNanoseconds(sandbox.id);
      await new Promise((resolve) => setTimeout(resolve, 500)); // it shall have had the time to
      expect((await processorNanoseconds(sandbox.id)) - before).toBeLessThan(2e6);
      expect(await sh(sandbox, "cat /tmp/kept")).toMatchObject({ end: "exit", out: "kept\n" });
    }
  });

  test("whose process was killed can be removed, and nothing of it stays", async () => {
    const file = join(import.meta.dirname, "sandbox-owner.ts");
    const maker = spawn(process.execPath, [file, runtime, owner, "pause"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const id = String((await once(maker.stdout, "data"))[0]).trim();
    maker.kill("SIGKILL");
    await once(maker, "exit");
    expect(await provider.list({ owner })).toMatchObject([{ id, state: "paused" }]);
    expect(await provider.destroy(id)).toBe("destroyed");
    expect(await provider.list({ owner })).toEqual([]);
    await vi.waitFor(async () => expect(await processesOf(id)).toEqual([]), { timeout: 20_000 });
  });

  test("that is destroyed while it is being paused is gone", async () => {
    for (const stepsBetween of [0, 3, 10, 30]) {
      const sandbox = await provider.create({ ...SPEC, labels: { owner } });
      const pausing = sandbox.pause().catch(() => {}); // it may come too late
      for (let step = 0; step < stepsBetween; step += 1) await docker.ping();
      await sandbox.destroy();
      await pausing;
      expect(await provider.list({ owner })).toEqual([]);
      await vi.waitFor(async () => expect(await processesOf(sandbox.id)).toEqual([]), {
        timeout: 20_000,
      });
    }
  });

  test("that somebody else let go on is resumed all the same", async () => {
    await using sandbox = await provider.create(SPEC);
    await sandbox.pause();
    const { State } = await docker.getContainer(sandbox.id).inspect();
    process.kill(State.Pid, "SIGCONT");
    await docker.getContainer(sandbox.id).unpause();
    expect((await sh(sandbox, "echo fine")).out).toBe("fine\n");
  });

  test("ends with its time, and nothing of it stays", async () => {
    const sandbox = await provider.create({ ...SPEC, labels: { owner } });
    await sandbox.pause();
    await sandbox.extend(100);
    await once(sandbox.lost, "abort");
    const gone = async () => expect(await provider.list({ owner })).toEqual([]);
    await vi.waitFor(gone, { timeout: 60_000 });
    await vi.waitFor(async () => expect(await processesOf(sandbox.id)).toEqual([]), {
      timeout: 20_000,
    });
  });
});

async function processorNanoseconds(id: string): Promise<number> {
  const stats = await docker.getContainer(id).stats({ stream: false, "one-shot": true });
  return stats.cpu_stats.cpu_usage.total_usage;
}
