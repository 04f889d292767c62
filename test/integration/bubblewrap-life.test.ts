import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { isAlive, type ProcessId } from "../../src/sandbox/providers/bubblewrap/process-id.ts";
import type { Sandbox, SandboxInfo } from "../../src/sandbox/sandbox.ts";
import { describeOn, groupsOf, openGround, sh } from "./bubblewrap-fixture.ts";
import { SPEC } from "./bubblewrap-spec.ts";

const ground = await openGround();
afterAll(() => ground.close());
const { provider } = ground;
const canPause = ground.report.capabilities?.pause === true;

async function initOf(id: string): Promise<ProcessId> {
  const record = await readFile(join(ground.stateFolder, "sandboxes", `${id}.json`), "utf8");
  return JSON.parse(record).init;
}

async function expectNothingLeft(id: string, init: ProcessId): Promise<void> {
  expect(await isAlive(init)).toBe(false);
  expect(await groupsOf(id)).toEqual([]);
  expect(await readdir(join(ground.stateFolder, "sandboxes"))).not.toContain(`${id}.json`);
  expect((await provider.list({})).map((info) => info.id)).not.toContain(id);
}

async function find(id: string): Promise<SandboxInfo | undefined> {
  return (await ground.another().list({})).find((info) => info.id === id);
}

function lossOf({ lost }: Sandbox): Promise<unknown> {
  return lost.aborted ? Promise.resolve() : once(lost, "abort");
}

describeOn(ground, "the life of a sandbox under bubblewrap", () => {
  test("the probe says what it is, loudly", () => {
    const { runtime, weak, findings, capabilities } = ground.report;
    expect(runtime).toMatch(/^bubblewrap \d/);
    expect(weak).toBe(true);
    expect(findings.join(" ")).toMatch(/WEAK: .* share the host's kernel/);
    expect(capabilities).toMatchObject({ isolation: "process", snapshot: false, reconnect: false });
  });

  test("another provider finds it by its labels and can end it; what runs in it is lost", async () => {
    await using sandbox = await provider.create({ ...SPEC, labels: { run: "7", purpose: "test" } });
    const init = await initOf(sandbox.id);
    expect(sandbox.isolation).toMatchObject({
      provider: "bubblewrap",
      userNamespace: true,
      weak: true,
      imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const another = ground.another();
    expect(await another.list({ run: "8" })).toEqual([]);
    expect(await another.list({ run: "7" })).toMatchObject([{ id: sandbox.id, state: "running" }]);
    const running = sh(sandbox, "echo begun; exec sleep 600", {
      onOutput: async () => void (await another.destroy(sandbox.id)),
    });
    expect(await running).toMatchObject({ end: "lost", out: "begun\n" });
    await lossOf(sandbox);
    await sandbox.destroy();
    expect(await another.destroy(sandbox.id)).toBe("already-gone");
    await expectNothingLeft(sandbox.id, init);
  });

  test.skipIf(!canPause)("a pause stops it, a command wakes it", async () => {
    await using sandbox = await provider.create(SPEC);
    const init = await initOf(sandbox.id);
    await sh(sandbox, "echo kept > x");
    await sandbox.pause();
    expect((await find(sandbox.id))?.state).toBe("paused");
    expect((await sh(sandbox, "cat x")).out).toBe("kept\n");
    expect((await find(sandbox.id))?.state).toBe("running");
    await sandbox.pause();
    await sandbox.destroy();
    await expectNothingLeft(sandbox.id, init);
  });

  test("a Dunlin that was killed leaves nothing, paused sandboxes included", async () => {
    const owner = spawn(
      process.execPath,
      [join(import.meta.dirname, "bubblewrap-owner.ts"), ground.stateFolder],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    onTestFinished(() => void owner.kill("SIGKILL"));
    const [said] = await once(owner.stdout, "data");
    const ids: readonly string[] = JSON.parse(String(said));
    expect(ids).toHaveLength(2);
    const inits = await Promise.all(ids.map(initOf));
    owner.kill("SIGKILL");
    await once(owner, "close");
    await expect.poll(() => isAlive(inits[0] as ProcessId), { timeout: 30_000 }).toBe(false);
    await ground.another().probe();
    for (const [index, id] of ids.entries()) {
      await expectNothingLeft(id, inits[index] as ProcessId);
    }
  });

  test("it ends with its time", async () => {
    const sandbox = await provider.create({ ...SPEC, maxLifetimeMs: 1_500 });
    const init = await initOf(sandbox.id);
    expect((await sh(sandbox, "sleep 600")).end).toBe("lost");
    await sandbox.destroy();
    await expectNothingLeft(sandbox.id, init);
  });

  test("a sandbox whose first process is killed is lost, and not out of memory", async () => {
    await using sandbox = await provider.create(SPEC);
    const init = await initOf(sandbox.id);
    const running = sh(sandbox, "echo begun; sleep 600", {
      onOutput: () => void process.kill(init.pid, "SIGKILL"),
    });
    expect((await running).end).toBe("lost");
  });

  test("nothing is left of one that nobody wants any more, or whose layer is broken", async () => {
    const gone = AbortSignal.abort();
    await expect(provider.create(SPEC, { signal: gone })).rejects.toMatchObject({
      kind: "cancelled",
    });
    const stop = new AbortController();
    async function* archive() {
      stop.abort();
      yield new Uint8Array(512);
    }
    const layer = { digest: "sha256:0", into: "/workspace", open: archive };
    const spec = { ...SPEC, layers: [layer] };
    await expect(provider.create(spec, { signal: stop.signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
    async function* noArchive() {
      yield new TextEncoder().encode("this is no archive ".repeat(100));
    }
    const broken = { ...SPEC, layers: [{ ...layer, open: noArchive }] };
    await expect(provider.create(broken)).rejects.toMatchObject({ kind: "invalid-request" });
    expect(await provider.list({})).toEqual([]);
  });

  test("what it can't do is refused before anything is made", async () => {
    for (const [changes, code] of [
      [{ require: { isolation: ["gvisor"] } }, "requirement-not-met"],
      [{ require: { snapshot: true } }, "requirement-not-met"],
      [{ require: { reconnect: true } }, "requirement-not-met"],
      [{ snapshot: "x" }, "no-such-snapshot"],
      [{ image: "python" }, "no-such-image"],
    ] as const) {
      const creating = provider.create({ ...SPEC, ...changes } as typeof SPEC);
      await expect(creating).rejects.toMatchObject({ kind: "invalid-request", code });
    }
    await using sandbox = await provider.create(SPEC);
    await expect(sandbox.snapshot()).rejects.toMatchObject({ code: "no-snapshot" });
    await expect(provider.connect(sandbox.id)).rejects.toMatchObject({ code: "no-such-sandbox" });
  });

  test("one key is one sandbox, also when asked for twice at once", async () => {
    const spec = { ...SPEC, key: "one" };
    const [first, second] = await Promise.all([provider.create(spec), provider.create(spec)]);
    expect(second.id).toBe(first.id);
    await first.destroy();
    await using third = await provider.create(spec);
    expect(third.id).not.toBe(first.id);
  });

  test("a record that can't be read is no sandbox that is forgotten", async () => {
    await using sandbox = await provider.create(SPEC);
    const path = join(ground.stateFolder, "sandboxes", `${sandbox.id}.json`);
    const record = await readFile(path, "utf8");
    await writeFile(path, record.slice(0, 40));
    const failure = { kind: "unavailable", code: "sandbox-record-unreadable" };
    await expect(provider.list({})).rejects.toMatchObject(failure);
    await expect(ground.another().destroy(sandbox.id)).rejects.toMatchObject(failure);
    await writeFile(path, record);
  });

  test("no name leads out of the state folder", async () => {
    expect(await provider.destroy("../roots/x")).toBe("already-gone");
  });

  test("a way out is opened and closed by Dunlin only", async () => {
    await using sandbox = await provider.create(SPEC);
    const ask = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; printf "CONNECT example.com:443 HTTP/1.1\\r\\n\\r\\n" >&3; read -r said <&3; echo $said'`;
    expect((await sh(sandbox, ask)).out).toContain("403");
    expect(sandbox.refusals).toMatchObject([{ host: "example.com", port: 443 }]);
  });
});
