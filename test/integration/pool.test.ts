import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { describeEachRuntime, docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";
import { canMount, useStateFolder } from "./state-folder.ts";

describeEachRuntime("a pool", (runtime) => {
  const state = useStateFolder();
  const owner = `pool-${runtime}-${process.pid}`;
  const pooled = (more = {}) => {
    const provider = providerFor(runtime, {
      stateFolder: state.path,
      poolSize: 1,
      labels: { owner },
      ...more,
    });
    onTestFinished(() => provider.close());
    return provider;
  };
  const containers = async () => {
    const filters = { label: [`owner=${owner}`] };
    return (await docker.listContainers({ all: true, filters })).map(({ Id }) => Id);
  };

  test("gives a container that waits, with all that the sandbox was to be", async () => {
    const provider = pooled();
    await provider.warm(SPEC);
    const [waiting] = await containers();
    expect(await provider.list({ owner })).toEqual([]);
    const sandbox = await provider.create({ ...SPEC, labels: { made: "first" } });
    expect(sandbox.id).toBe(waiting);
    const look = "pwd; id -u; ls -A; echo x > f && cat f";
    expect((await sh(sandbox, look)).out).toBe("/workspace\n1000\nx\n");
    const listed = await provider.list({ made: "first" });
    expect(listed).toMatchObject([{ id: waiting, state: "running", labels: { owner } }]);
    const { expiresAtMs } = await sandbox.info();
    expect(listed[0]?.expiresAtMs).toBe(expiresAtMs);
    await sandbox.destroy();
    await provider.close();
    expect(await containers()).toEqual([]);
  });

  test("gives a container to one only, and what was in it to nobody", async () => {
    const provider = pooled();
    await provider.warm(SPEC);
    await using first = await provider.create(SPEC);
    await sh(first, "echo secret > /workspace/f; echo secret > /tmp/f; echo secret > ~/f");
    await provider.warm(SPEC);
    await using second = await provider.create(SPEC);
    expect(second.id).not.toBe(first.id);
    const { out } = await sh(second, "cat /workspace/f /tmp/f ~/f; ls -A /workspace /tmp ~");
    expect(out).not.toContain("secret");
    expect(out).not.toContain("f\n");
  });

  test.runIf(canMount)("shows a snapshot in one that waits, and forks into another", async () => {
    const provider = pooled();
    await using origin = await provider.create(SPEC);
    await sh(origin, "mkdir d; echo one > d/f");
    const snapshot = await origin.snapshot();
    await provider.warm(SPEC);
    const [waiting] = (await containers()).filter((id) => id !== origin.id);
    await using later = await provider.create({ ...SPEC, snapshot });
    expect(later.id).toBe(waiting);
    expect((await sh(later, "cat d/f; echo two > d/f; cat d/f")).out).toBe("one\ntwo\n");
    await provider.warm(SPEC);
    await using fork = await later.fork();
    expect((await sh(fork, "cat d/f")).out).toBe("two\n");
    expect((await sh(origin, "cat d/f")).out).toBe("one\n");
    await provider.deleteSnapshot(snapshot);
  });

  test("notices that a container died while it waited", async () => {
    const provider = pooled();
    await provider.warm(SPEC);
    const [waiting = ""] = await containers();
    await docker.getContainer(waiting).kill();
    while ((await containers()).includes(waiting)) await delay(20);
    await using sandbox = await provider.create(SPEC);
    expect(sandbox.id).not.toBe(waiting);
    expect((await sh(sandbox, "echo alive")).out).toBe("alive\n");
  });

  test("hands on to a fresh container when the one that waits doesn't answer", async () => {
    const provider = pooled();
    await provider.warm(SPEC);
    const [waiting = ""] = await containers();
    await docker.getContainer(waiting).pause();
    await using sandbox = await provider.create(SPEC);
    expect(sandbox.id).not.toBe(waiting);
    expect((await sh(sandbox, "echo alive")).out).toBe("alive\n");
    expect(await containers()).not.toContain(waiting);
  });

  test("of a process that is killed goes with it", async () => {
    const program = join(import.meta.dirname, "pool-owner.ts");
    const child = spawn(process.execPath, [program, runtime, owner, state.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [waiting] = await once(createInterface(child.stdout), "line");
    const info = docker.getContainer(waiting);
    child.kill("SIGKILL");
    await info.wait();
    const provider = providerFor(runtime, { stateFolder: state.path });
    expect((await provider.list({ owner })).map(({ id }) => id)).toContain(waiting);
    await provider.destroy(waiting);
    await provider.close();
    expect(await containers()).not.toContain(waiting);
  });
});
