import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../../src/errors.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { TRIAL_LIMITS, tryOut } from "../../src/sandbox/providers/docker/trial.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

describeEachRuntime("a sandbox's life", (runtime) => {
  const provider = providerFor(runtime);

  test("is seen by its labels and over with its removal, for good", async () => {
    const labels = { test: randomUUID() };
    const sandbox = await provider.create({ ...SPEC, labels });
    const [found, ...others] = await provider.list(labels);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id: sandbox.id, labels });
    expect(sandbox.isolation).toMatchObject({ provider: "docker", runtime, networkMode: "none" });
    const running = sh(sandbox, "sleep 600");
    await Promise.all([sandbox.destroy(), sandbox.destroy()]);
    expect((await running).end).toBe("lost");
    expect(sandbox.lost.aborted).toBe(true);
    await sandbox.destroy();
    expect(await provider.destroy(sandbox.id)).toBe("already-gone");
    expect(await provider.list(labels)).toEqual([]);
    expect(await volumesOf(sandbox.id)).toBe(0);
  });

  test("ends with the container, and whoever waits hears of it", async () => {
    await using sandbox = await provider.create(SPEC);
    const running = sh(sandbox, "echo up; sleep 600", {
      onOutput: () => docker.getContainer(sandbox.id).kill(),
    });
    expect(await running).toMatchObject({ end: "lost", exitCode: null, out: "up\n" });
    expect(sandbox.lost.reason).toMatchObject({ kind: "unavailable", code: "sandbox-lost" });
    expect((await sh(sandbox, "true")).end).toBe("lost");
    const read = sandbox.readFile("/etc/passwd", { maxBytes: 10_000 });
    await expect(read).rejects.toMatchObject({ kind: "unavailable", code: "sandbox-lost" });
  });

  test("ends with the engine's stream", async () => {
    await using cuttable = await cuttableEngine();
    const env = { DOCKER_HOST: `unix://${cuttable.path}` };
    await using sandbox = await providerFor(runtime, { env }).create(SPEC);
    const running = sh(sandbox, "echo up; sleep 600", { onOutput: () => cuttable.cut() });
    expect(await running).toMatchObject({ end: "lost" });
    expect(sandbox.lost.aborted).toBe(true);
  });

  test("ends with the process that made it, even one that was killed", async () => {
    const owner = randomUUID();
    const file = join(import.meta.dirname, "sandbox-owner.ts");
    const child = spawn(process.execPath, [file, runtime, owner], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [id] = await once(child.stdout, "data");
    const container = docker.getContainer(String(id).trim());
    expect((await container.inspect()).State.Running).toBe(true);
    child.kill("SIGKILL");
    await container.wait();
    // What is left uses nothing; the next process finds it by its label.
    expect(await provider.list({ owner })).toHaveLength(1);
    expect(await provider.destroy(container.id)).toBe("destroyed");
  });

  test("never begins when nobody wants it any more", async () => {
    const labels = { test: randomUUID() };
    for (const when of ["before", "meanwhile"]) {
      const controller = new AbortController();
      const creating = provider.create({ ...SPEC, labels }, { signal: controller.signal });
      if (when === "before") controller.abort();
      else setImmediate(() => controller.abort());
      await expect(creating).rejects.toMatchObject({ kind: "cancelled" });
    }
    expect(await provider.list(labels)).toEqual([]);
  });

  test("leaves nothing when its layers can't be unpacked", async () => {
    const labels = { test: randomUUID() };
    const open = async function* () {
      yield Buffer.from("this is no archive");
    };
    const layers = [{ digest: "sha256:none", into: "/workspace", open }];
    await expect(provider.create({ ...SPEC, labels, layers })).rejects.toBeInstanceOf(Failure);
    expect(await provider.list(labels)).toEqual([]);
  });

  test("isn't shared: two at once see nothing of each other", async () => {
    const sandboxes = await Promise.all([provider.create(SPEC), provider.create(SPEC)]);
    const write = (sandbox: Sandbox, name: string) =>
      sh(sandbox, `echo ${name} > /tmp/name; sleep 0.2; cat /tmp/name; ls /tmp | wc -l`);
    const [a, b] = sandboxes;
    const results = await Promise.all([write(a, "a"), write(b, "b")]);
    expect(results.map((result) => result.out)).toEqual(["a\n1\n", "b\n1\n"]);
    await Promise.all(sandboxes.map((sandbox) => sandbox.destroy()));
  });
});

test("an engine that isn't there is named, with what to do", async () => {
  const provider = providerFor("runc", { env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } });
  const down = { kind: "unavailable", code: "engine-down" };
  await expect(provider.probe()).rejects.toMatchObject(down);
  await expect(provider.create(SPEC)).rejects.toMatchObject(down);
  await expect(provider.list({})).rejects.toMatchObject(down);
  await expect(provider.destroy("some-id")).rejects.toMatchObject(down);
});

test.each(["sysbox-runc", "kata"])("a runtime that the engine lacks is named: %s", async (name) => {
  if (Object.hasOwn((await docker.info()).Runtimes ?? {}, name)) return;
  const report = await providerFor(name).probe();
  expect(report).toMatchObject({ ok: false, runtime: "" });
  expect(report.findings.join()).toMatch(new RegExp(`no runtime ${name}; it has .*runc`));
  await expect(providerFor(name).create(SPEC)).rejects.toMatchObject({
    kind: "invalid-request",
    code: "no-such-runtime",
  });
});

test("a runtime that isn't what its name says is not used", async () => {
  const { KernelVersion: kernel } = await docker.info();
  await using sandbox = await providerFor("runc").create({ ...SPEC, limits: TRIAL_LIMITS });
  const problem = await tryOut(sandbox, "gvisor", kernel);
  expect(problem).toContain("having a kernel of its own failed");
});

/** A way to the engine whose open connections a test can cut. */
async function cuttableEngine(): Promise<AsyncDisposable & { path: string; cut(): void }> {
  const { socketPath = "" } = await dockerOptions(process.env);
  const path = join(tmpdir(), `engine-${randomUUID()}.sock`);
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const engine = net.connect(socketPath);
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy());
    }
    client.pipe(engine).pipe(client);
  });
  server.listen(path);
  await once(server, "listening");
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    path,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await rm(path, { force: true });
    },
  };
}

async function volumesOf(id: string): Promise<number> {
  const { Volumes } = await docker.listVolumes();
  return (Volumes ?? []).filter((volume) => JSON.stringify(volume).includes(id)).length;
}
