import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { egressEnv } from "../../src/sandbox/egress.ts";
import { directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { eventually, sh } from "../conformance/shell.ts";
import { FOLDER, MICROVM_SPEC, MISSING, microvms } from "./microvm-fixture.ts";

/** The processes whose working folder is the machine's, with their status as the kernel shows it. */
async function processesOf(id: string): Promise<readonly string[]> {
  const folder = join(FOLDER, "machines", id);
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd.startsWith(folder)) found.push(await readFile(`/proc/${pid}/status`, "utf8"));
  }
  return found;
}

describe.skipIf(MISSING !== undefined)(
  `a micro-VM's life${MISSING === undefined ? "" : ` (${MISSING})`}`,
  () => {
    test("ends with the process that made it, even one that was killed, and leaves nothing", async () => {
      const owner = randomUUID();
      const file = join(import.meta.dirname, "microvm-owner.ts");
      const child = spawn(process.execPath, [file, owner], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [said] = await once(child.stdout, "data");
      const id = String(said).trim();
      expect(await processesOf(id)).toHaveLength(1);
      child.kill("SIGKILL");
      await once(child, "exit");
      await eventually(async () => (await processesOf(id)).length === 0);
      const provider = microvms();
      // A process that is ending has left its folder before the kernel calls it gone.
      await eventually(async () => (await provider.list({ owner }))[0]?.state === "ended");
      expect(await provider.list({ owner })).toMatchObject([{ id, state: "ended" }]);
      // Another process that starts finds what the dead one left.
      await provider.probe();
      expect(await provider.list({ owner })).toEqual([]);
      expect(existsSync(join(FOLDER, "machines", id))).toBe(false);
    });

    test("is that of a process without rights, which has no files but its own", async () => {
      await using sandbox = await microvms().create(MICROVM_SPEC);
      const [status = ""] = await processesOf(sandbox.id);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      if (process.getuid?.() !== 0) return;
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
        expect(status).toMatch(new RegExp(`^${set}:\\t0+$`, "m"));
      }
      const [uid = "0", ...others] = /^Uid:\t(.*)$/m.exec(status)?.[1]?.split("\t") ?? [];
      expect(Number(uid)).toBeGreaterThanOrEqual(0x7000_0000);
      expect(new Set(others)).toEqual(new Set([uid]));
      expect(status).toMatch(/^Groups:\t ?$/m);
      await using other = await microvms().create(MICROVM_SPEC);
      const [otherStatus = ""] = await processesOf(other.id);
      expect(otherStatus).not.toContain(`Uid:\t${uid}`);
    });

    test("is over when its process is killed, and whoever waits hears of it", async () => {
      await using sandbox = await microvms().create(MICROVM_SPEC);
      const running = sh(sandbox, "echo up; sleep 600", {
        async onOutput() {
          const [status = ""] = await processesOf(sandbox.id);
          process.kill(Number(/^Pid:\t(\d+)/m.exec(status)?.[1]), "SIGKILL");
        },
      });
      expect(await running).toMatchObject({ end: "lost", out: "up\n" });
      await eventually(async () => !existsSync(join(FOLDER, "machines", sandbox.id)));
    });

    test("begins with one template for two who come at once, and its files are nobody else's", async () => {
      const templates = join(FOLDER, "templates");
      // Of a size that hardly anybody else has made one for, in this folder that all tests share.
      const memoryMiB = 240 + Math.floor(Math.random() * 200);
      const spec = { ...MICROVM_SPEC, limits: { ...MICROVM_SPEC.limits, memoryMiB } };
      await microvms().probe();
      const before = await readdir(templates);
      const both = await Promise.all([microvms().create(spec), microvms().create(spec)]);
      await Promise.all(both.map((sandbox) => sandbox.destroy()));
      const made = (await readdir(templates)).filter((name) => !before.includes(name));
      expect(made).toHaveLength(1);
      onTestFinished(() => rm(join(templates, made[0] ?? "none"), { recursive: true }));
      for (const name of ["ram", "state", "greeting"]) {
        const { mode, uid } = await stat(join(templates, made[0] ?? "", name));
        expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.()]);
      }
    });

    test("never begins when nobody wants it any more", async () => {
      const labels = { test: randomUUID() };
      const provider = microvms();
      await provider.probe();
      const signal = AbortSignal.abort();
      const never = provider.create({ ...MICROVM_SPEC, labels }, { signal });
      await expect(never).rejects.toMatchObject({ kind: "cancelled" });
      const controller = new AbortController();
      const creating = provider.create({ ...MICROVM_SPEC, labels }, { signal: controller.signal });
      await eventually(async () => (await provider.list(labels)).length > 0);
      controller.abort();
      await expect(creating).rejects.toMatchObject({ kind: "cancelled" });
      expect(await provider.list(labels)).toEqual([]);
    });

    test("reaches what is allowed, through Dunlin alone", async () => {
      const server = http.createServer((request, response) => response.end(`got ${request.url}`));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const provider = microvms({
        privateOrigins: [`inner.test:${port}`],
        dialler: { resolve: async () => ["127.0.0.1"], connect: directDialler.connect },
      });
      const origins = [`inner.test:${port}`];
      const egress = { mode: "allow", origins, maxBytes: 1e6 } as const;
      await using sandbox = await provider.create({ ...MICROVM_SPEC, egress });
      const ask = (host: string) => {
        const script = `fetch("http://${host}:${port}/x").then(async (r) => console.log(r.status, await r.text()), () => console.log("refused"))`;
        return sandbox.exec(["node", "-e", script], { env: egressEnv(), timeoutMs: 60_000 });
      };
      const said = async (host: string) =>
        new TextDecoder().decode((await ask(host)).stdout).trim();
      expect(await said("inner.test")).toBe("200 got /x");
      expect(await said("other.test")).toBe("refused");
      const direct = await sh(sandbox, "bash -c 'exec 3<>/dev/tcp/192.0.2.1/80'");
      expect(direct.err).toContain("unreachable");
      await sandbox.setEgress({ mode: "none" });
      expect(await said("inner.test")).toBe("refused");
      expect(sandbox.refusals).toMatchObject([
        { host: "other.test", reason: expect.stringContaining("not on the allow-list") },
        { host: "inner.test", reason: expect.stringContaining("disabled") },
      ]);
    });
  },
);
