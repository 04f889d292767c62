import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack as createPack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { sh } from "../conformance/shell.ts";
import { FOLDER, MICROVM_SPEC, MISSING, microvms } from "./microvm-fixture.ts";

function packed(name: string, content: string): AsyncIterable<Uint8Array> {
  const pack = createPack();
  pack.entry({ name }, content);
  pack.finalize();
  return Readable.from(pack);
}

describe.skipIf(MISSING !== undefined)(
  `a micro-VM${MISSING === undefined ? "" : ` (${MISSING})`}`,
  () => {
    const provider = microvms();
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await provider.create(MICROVM_SPEC);
    }, 600_000);
    afterAll(() => sandbox?.destroy());

    test("is a machine of its own without any network", async () => {
      const { out } = await sh(
        sandbox,
        "uname -r; ls /sys/class/net; id -u; pwd; ls -A; echo $HOME",
      );
      const hosts = (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim();
      expect(out).not.toContain(hosts);
      expect(out.split("\n").slice(1)).toEqual(["lo", "1000", "/workspace", "/home/job", ""]);
      expect(sandbox.isolation).toMatchObject({ provider: "microvm", networkMode: "none" });
    });

    test("gives a job no right, and no view of what runs beside it", async () => {
      const script = `grep -E '^(CapEff|CapPrm|NoNewPrivs)' /proc/self/status
      ls /dev | grep -c -E 'vd|vport|mem'; cat /proc/*/comm | sort | uniq | tr '\\n' ' '
      kill -9 1 2>&1 | head -c 1 >/dev/null; kill -9 $PPID; echo alive; touch /x || echo read-only`;
      const { out } = await sh(sandbox, script);
      expect(out).toMatch(/CapPrm:\t0+\nCapEff:\t0+\nNoNewPrivs:\t1\n0\n/);
      expect(out).not.toMatch(/qemu|kthreadd|init/);
      expect(out).toMatch(/alive\nread-only\n$/);
      expect(await sh(sandbox, "echo here")).toMatchObject({ out: "here\n" });
    });

    test("gives a job the devices of a container and no others", async () => {
      const { out } = await sh(
        sandbox,
        "echo $(ls /dev); echo x > /dev/null && head -c 2 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; stat -c '%a %F' /dev/shm /dev/full",
      );
      expect(out.split("\n")).toEqual([
        "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero",
        "2",
        "3",
        "1777 directory",
        "666 character special file",
        "",
      ]);
    });

    test("moves files both ways, byte for byte", async () => {
      const data = Buffer.alloc(300_000, "\0\xff\n");
      await sandbox.writeFiles([{ path: "/workspace/a/b", data, mode: 0o755 }]);
      expect(Buffer.from(await sandbox.readFile("/workspace/a/b", { maxBytes: 1e6 }))).toEqual(
        data,
      );
      const { out } = await sh(sandbox, "stat -c '%u %a' a/b; rm -r a");
      expect(out).toBe("1000 755\n");
    });

    test("has the host's time and its own random bytes", async () => {
      const other = await provider.create(MICROVM_SPEC);
      const script =
        "date +%s; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid";
      const before = Math.floor(Date.now() / 1000);
      const [a, b] = await Promise.all([sh(sandbox, script), sh(other, script)]);
      const after = Date.now() / 1000;
      const [[time, ...bytes], [otherTime, ...otherBytes]] = [a.out.split("\n"), b.out.split("\n")];
      for (const found of [time, otherTime].map(Number)) {
        expect(found).toBeGreaterThanOrEqual(before - 1);
        expect(found).toBeLessThanOrEqual(after + 1);
      }
      expect(bytes[0]).not.toBe(otherBytes[0]);
      expect(bytes[1]).not.toBe(otherBytes[1]);
      await other.destroy();
    });

    test("ends a command with all of its processes at its time", async () => {
      const script = "trap '' TERM; setsid sleep 700 & setsid sleep 701 & sleep 702";
      expect(await sh(sandbox, script, { timeoutMs: 3_000 })).toMatchObject({ end: "timeout" });
      expect(await sh(sandbox, "grep -l sleep /proc/*/comm; true")).toMatchObject({ out: "" });
    });

    test("holds each limit", async () => {
      await using limited = await provider.create(MICROVM_SPEC);
      const slow = { timeoutMs: 240_000 };
      const sizes =
        "df -B1 --output=avail /workspace | tail -1; cat /sys/fs/cgroup/pids.max; nproc";
      const { out } = await sh(limited, sizes);
      expect(out.trim().split("\n").map(Number)).toEqual([16 * 1024 ** 2, 48, 1]);
      const full = await sh(limited, "head -c 17M /dev/zero > big; stat -c %s big; rm big", slow);
      expect(full.err).toContain("No space left");
      expect(Number(full.out)).toBe(16 * 1024 ** 2);
      const files = "mkdir m && cd m && seq 5000 | xargs touch; cd .. && rm -r m";
      expect((await sh(limited, files, slow)).err).toContain("No space left");
      const bomb = "i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done";
      expect((await sh(limited, bomb, slow)).err).toMatch(/fork/i);
      expect(await sh(limited, "exec tail /dev/zero", slow)).toMatchObject({ end: "oom" });
      expect(await sh(limited, "echo alive")).toMatchObject({ out: "alive\n" });
    }, 600_000);

    test("stands still while paused, and goes on with the right time", async () => {
      await sh(sandbox, "echo kept > kept; echo 1 > /dev/shm/memory");
      await sandbox.pause();
      expect(await provider.list({})).toContainEqual(
        expect.objectContaining({ id: sandbox.id, state: "paused" }),
      );
      await sandbox.resume();
      const { out } = await sh(sandbox, "cat kept /dev/shm/memory; date +%s");
      const [kept, memory, time] = out.split("\n");
      expect([kept, memory]).toEqual(["kept", "1"]);
      expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(5);
    });

    test("is forked with its workspace, and neither sees the other's changes", async () => {
      await sh(sandbox, "mkdir -p d && echo before > d/f && ln -s f d/l && chmod 700 d");
      await using fork = await sandbox.fork();
      await sh(sandbox, "echo mine > d/f");
      expect(await sh(fork, "cat d/l; stat -c '%a %U' d; echo forks > d/g")).toMatchObject({
        out: "before\n700 job\n",
      });
      expect(await sh(sandbox, "cat d/f; ls d; rm -r d")).toMatchObject({ out: "mine\nf\nl\n" });
      expect(await readdir(join(FOLDER, "snapshots"))).toEqual([]);
    });

    test("starts from a snapshot, with layers upon it, also after the first is gone", async () => {
      const first = await provider.create(MICROVM_SPEC);
      await sh(first, "echo old > a; echo old > b");
      const snapshot = await first.snapshot();
      await first.destroy();
      const open = () => packed("b", "new\n");
      const layer = { digest: "sha256:x", into: "/workspace", open };
      await using second = await provider.create({ ...MICROVM_SPEC, snapshot, layers: [layer] });
      expect(await sh(second, "cat a b")).toMatchObject({ out: "old\nnew\n" });
      await provider.deleteSnapshot(snapshot);
      await provider.deleteSnapshot(snapshot);
      await expect(provider.create({ ...MICROVM_SPEC, snapshot })).rejects.toMatchObject({
        code: "no-such-snapshot",
      });
    });

    test("is seen by its labels, and gone with all it had when it is destroyed from elsewhere", async () => {
      const labels = { test: randomUUID() };
      const made = await provider.create({ ...MICROVM_SPEC, labels });
      expect(await microvms().list(labels)).toMatchObject([
        { id: made.id, labels, state: "running" },
      ]);
      const running = sh(made, "sleep 600");
      expect(await microvms().destroy(made.id)).toBe("destroyed");
      expect((await running).end).toBe("lost");
      expect(made.lost.aborted).toBe(true);
      expect(await provider.destroy(made.id)).toBe("already-gone");
      await made.destroy();
      expect(await provider.list(labels)).toEqual([]);
      expect(existsSync(join(FOLDER, "machines", made.id))).toBe(false);
    });

    test("boots where its template is broken, and the next one has a template again", async () => {
      const spec = { ...MICROVM_SPEC, limits: { ...MICROVM_SPEC.limits, memoryMiB: 250 } };
      const templates = join(FOLDER, "templates");
      const before = await readdir(templates);
      await (await provider.create(spec)).destroy();
      const [key = ""] = (await readdir(templates)).filter((name) => !before.includes(name));
      await truncate(join(templates, key, "state"), 100);
      const booted = await provider.create(spec);
      expect(await sh(booted, "echo up; id -u")).toMatchObject({ out: "up\n1000\n" });
      await booted.destroy();
      expect(await readdir(templates)).not.toContain(key);
      await (await provider.create(spec)).destroy();
      expect(await readdir(templates)).toContain(key);
      await rm(join(templates, key), { recursive: true });
    });

    test("is made once for two who ask by the same key", async () => {
      const key = randomUUID();
      const both = await Promise.all([1, 2].map(() => provider.create({ ...MICROVM_SPEC, key })));
      expect(both[0]).toBe(both[1]);
      await both[0]?.destroy();
      const next = await provider.create({ ...MICROVM_SPEC, key });
      expect(next.id).not.toBe(both[0]?.id);
      await next.destroy();
    });

    test("is refused without KVM unless emulation is allowed", async () => {
      const { ok, capabilities } = await provider.probe();
      expect(ok).toBe(true);
      if (capabilities?.emulated !== true) return;
      const strict = microvms({ emulationAllowed: false });
      await expect(strict.create(MICROVM_SPEC)).rejects.toMatchObject({ code: "no-safe-runtime" });
      const required = { ...MICROVM_SPEC, require: { native: true } as const };
      await expect(provider.create(required)).rejects.toMatchObject({
        code: "requirement-not-met",
      });
    });
  },
);
