import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { namesIn } from "../../src/sandbox/providers/docker/workspaces/records.ts";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";
import { allocatedBytes, canMount, heldBelow, useStateFolder } from "./state-folder.ts";

const MIB = 1024 ** 2;
const LISTING =
  "find . -printf '%P %y %m %l %s\\n' | sort; find . -type f | sort | xargs -r sha256sum";

describeEachRuntime("a workspace that is kept", (runtime) => {
  const state = useStateFolder();
  const mounted = () => providerFor(runtime, { stateFolder: state.path });
  const spec = (more: Partial<SandboxSpec> = {}): SandboxSpec => ({
    ...SPEC,
    require: { snapshot: true },
    ...more,
  });
  const listed = async (sandbox: Sandbox) => (await sh(sandbox, LISTING)).out;
  const volumes = () => namesIn(join(state.path, "volumes"));

  /** Another process's mount namespace may hold a copy of a mount for a moment: each sweep tries again. */
  async function untilLetGo(provider: SandboxProvider): Promise<void> {
    while ((await heldBelow(state.path)).length > 0) {
      await delay(100);
      await provider.destroy("no-such-container");
    }
  }

  test.runIf(canMount)("starts others exactly as it was, whatever happens later", async () => {
    const provider = mounted();
    await using sandbox = await provider.create(spec());
    await sh(
      sandbox,
      "mkdir -p a/b d; echo 1 > a/b/f; echo 2 > d/g; ln -s a l; echo x > gone; chmod 700 d",
    );
    const first = await sandbox.snapshot();
    const before = await listed(sandbox);
    const change =
      "rm gone; rm -r d; mkdir d; echo new > d/h; mv a moved; rm l; ln -s moved l; echo 11 >> l/b/f";
    expect(await sh(sandbox, change)).toMatchObject({ exitCode: 0, err: "" });
    const second = await sandbox.snapshot();
    const after = await listed(sandbox);
    expect(after).not.toBe(before);
    await sh(sandbox, "rm -rf * && echo end > end");
    const end = await listed(sandbox);
    for (const [snapshot, content] of [
      [first, before],
      [second, after],
    ] as const) {
      await using other = await mounted().create(spec({ snapshot }));
      expect(await listed(other)).toBe(content);
      await sh(other, "rm -rf *; echo other > f");
    }
    expect(await listed(sandbox)).toBe(end);
    await using again = await provider.create(spec({ snapshot: second }));
    expect(await listed(again)).toBe(after);
    for (const name of [first, second, second]) await provider.deleteSnapshot(name);
    await expect(provider.create(spec({ snapshot: first }))).rejects.toMatchObject({
      code: "no-such-snapshot",
    });
    for (const name of ["../../etc", "nothing", ""]) {
      await expect(provider.create(spec({ snapshot: name }))).rejects.toMatchObject({
        code: "no-such-snapshot",
      });
      await provider.deleteSnapshot(name);
    }
  });

  test.runIf(canMount)("forks into one of its own", async () => {
    await using sandbox = await mounted().create(spec());
    await sh(sandbox, "echo both > both; echo one > own");
    await using fork = await sandbox.fork();
    await using grandchild = await fork.fork();
    await sh(fork, "echo two > own; rm both");
    await sh(sandbox, "echo three > own");
    const seen = await Promise.all(
      [sandbox, fork, grandchild].map(async (one) => (await sh(one, "cat own; ls")).out),
    );
    expect(seen).toEqual(["three\nboth\nown\n", "two\nown\n", "one\nboth\nown\n"]);
    await sandbox.destroy();
    expect((await sh(grandchild, "cat own both")).out).toBe("one\nboth\n");
  });

  test.runIf(canMount)(
    "outlives its sandbox, holds no container and nothing of the kernel, and goes",
    async () => {
      const provider = mounted();
      const sandbox = await provider.create(spec());
      await sh(sandbox, "echo kept > file");
      const snapshot = await sandbox.snapshot();
      await sandbox.destroy();
      await untilLetGo(provider);
      expect(await volumes()).toHaveLength(1);
      await using resumed = await provider.create(spec({ snapshot }));
      await provider.deleteSnapshot(snapshot);
      expect((await sh(resumed, "cat file")).out).toBe("kept\n");
      await resumed.destroy();
      expect(await volumes()).toEqual([]);
    },
  );

  test.runIf(canMount)(
    "of 500 MB and 10,000 files is forked without a copy",
    async () => {
      const limits = { ...SPEC.limits, workspaceMiB: 700 };
      await using sandbox = await mounted().create(spec({ limits }));
      const fill = `mkdir many; cd many; seq 10000 | xargs touch; cd ..
      head -c 500M /dev/urandom > big; sha256sum big; sync`;
      const sum = await sh(sandbox, fill, { timeoutMs: 160_000 });
      expect(sum).toMatchObject({ exitCode: 0 });
      const before = allocatedBytes(state.path);
      await using fork = await sandbox.fork();
      expect(allocatedBytes(state.path) - before).toBeLessThan(60 * MIB);
      expect(await sh(fork, "sha256sum big; ls many | wc -l")).toMatchObject({
        out: `${sum.out}10000\n`,
      });
    },
    400_000,
  );

  test.runIf(canMount)(
    "may be frozen again and again",
    async () => {
      const provider = mounted();
      await using sandbox = await provider.create(spec());
      const names: string[] = [];
      for (let turn = 0; turn < 40; turn++) {
        await sh(sandbox, `echo ${turn} > last; echo ${turn} > f${turn}; rm -f f${turn - 2}`);
        names.push(await sandbox.snapshot());
      }
      await using resumed = await provider.create(spec({ snapshot: names[39] ?? "" }));
      expect((await sh(resumed, "cat last; ls")).out).toBe("39\nf38\nf39\nlast\n");
      for (const name of names) await provider.deleteSnapshot(name);
    },
    400_000,
  );

  test.runIf(canMount)(
    "leaves nothing behind that a kill -9 left, but for its snapshots",
    async () => {
      const owner = join(import.meta.dirname, "workspaces-owner.ts");
      const child = spawn(process.execPath, [owner, runtime, state.path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [id = "", snapshot = ""] = await firstLines(child.stdout, 2);
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(await heldBelow(state.path)).not.toEqual([]);
      const provider = mounted();
      // A container whose Dunlin is gone ends by itself; what is mounted in it is let go then.
      await provider.destroy(id);
      await using resumed = await provider.create(spec({ snapshot }));
      expect((await sh(resumed, "cat file")).out).toBe("kept\n");
      await resumed.destroy();
      await provider.deleteSnapshot(snapshot);
      await expect(docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
      await untilLetGo(provider);
      expect(await volumes()).toEqual([]);
      expect(await namesIn(join(state.path, "mounts"))).toEqual([]);
    },
  );

  test.runIf(canMount)("has nothing of a folder that isn't its own removed", async () => {
    const foreign = join(state.path, "volumes", "somebody's");
    await mkdir(foreign);
    await using sandbox = await mounted().create(spec());
    await sandbox.destroy();
    await mkdir(join(foreign, "still-there"));
  });
});

async function firstLines(stream: NodeJS.ReadableStream, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines;
}
