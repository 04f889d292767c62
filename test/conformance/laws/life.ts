import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Failure } from "../../../src/errors.ts";
import type { Law } from "../law.ts";
import { aborted, bytes, eventually, fails, PATIENCE_MS, sh } from "../shell.ts";

/** From being made to being gone. */
export const LIFE_LAWS: readonly Law[] = [
  {
    promise: "A sandbox says what stands between its commands and the host, as the probe found it.",
    async check({ shared, provider }) {
      const { isolation } = await shared();
      const { runtime, weak, ok } = await provider.probe();
      const { provider: name, networkMode } = isolation;
      assert.deepEqual({ name, networkMode }, { name: provider.name, networkMode: "none" });
      assert.deepEqual([isolation.runtime, isolation.weak, ok], [runtime, weak, true]);
    },
  },
  {
    promise: "A sandbox knows itself: its id, its labels, its state and its times.",
    async check({ create, labels }) {
      const before = Date.now();
      const sandbox = await create({ labels: { law: 'it\'s "odd" = ü' }, maxLifetimeMs: 300_000 });
      const info = await sandbox.info();
      assert.deepEqual([info.id, info.state], [sandbox.id, "running"]);
      const { law, ...rest } = info.labels;
      assert.equal(law, 'it\'s "odd" = ü');
      for (const [name, value] of Object.entries(labels)) assert.equal(rest[name], value);
      assert.ok(info.createdAtMs >= before - 2_000 && info.createdAtMs <= Date.now(), "Made when?");
      const lives = info.expiresAtMs - info.createdAtMs;
      assert.ok(Math.abs(lives - 300_000) < 30_000, `It lives ${lives} ms.`);
    },
  },
  {
    promise: "Three sandboxes that are made at once are three.",
    async check({ create }) {
      const made = await Promise.all([create(), create(), create()]);
      assert.equal(new Set(made.map(({ id }) => id)).size, 3);
      const answers = await Promise.all(made.map((one, index) => sh(one, `echo ${index}`)));
      assert.deepEqual(
        answers.map(({ out }) => out),
        ["0\n", "1\n", "2\n"],
      );
    },
  },
  {
    promise: "`lost` is silent while a sandbox lives, and then says `unavailable/sandbox-lost`.",
    async check({ create }) {
      const sandbox = await create();
      await sh(sandbox, "true");
      assert.equal(sandbox.lost.aborted, false);
      await sandbox.destroy();
      const { reason } = sandbox.lost;
      assert.ok(sandbox.lost.aborted && reason instanceof Failure, "Nobody is told.");
      assert.equal(`${reason.kind}/${reason.code}`, "unavailable/sandbox-lost");
    },
  },
  {
    promise: "A command that runs when its sandbox is destroyed ends as `lost`, with its output.",
    async check({ create }) {
      const sandbox = await create();
      const isUp = Promise.withResolvers<void>();
      const running = sh(sandbox, "echo up; sleep 300", { onOutput: () => isUp.resolve() });
      await isUp.promise;
      await sandbox.destroy();
      const { end, exitCode, out } = await running;
      assert.deepEqual([end, exitCode, out], ["lost", null, "up\n"]);
    },
  },
  {
    promise:
      "A sandbox that is gone answers: commands with `lost`, everything else with `unavailable`.",
    async check({ create }) {
      const sandbox = await create();
      await sandbox.destroy();
      assert.equal((await sh(sandbox, "true")).end, "lost");
      const path = "/workspace/x";
      const { readFile } = { readFile: sandbox.readFile(path, { maxBytes: 10 }) };
      await fails(readFile, "unavailable/sandbox-lost");
      const write = sandbox.writeFiles([{ path, data: bytes("x") }]);
      await fails(write, "unavailable/sandbox-lost");
      assert.equal((await sandbox.info()).state, "ended");
    },
  },
  {
    promise: "Destroying twice, or twice at once, is destroying.",
    async check({ create, provider }) {
      const sandbox = await create();
      await Promise.all([sandbox.destroy(), sandbox.destroy()]);
      await sandbox.destroy();
      assert.equal(await provider.destroy(sandbox.id), "already-gone");
    },
  },
  {
    promise: "A sandbox goes at the end of its scope.",
    async check({ provider, spec }) {
      let id: string;
      {
        await using sandbox = await provider.create(spec());
        id = sandbox.id;
      }
      assert.equal(await provider.destroy(id), "already-gone");
    },
  },
  {
    promise:
      "A sandbox can be destroyed by its id, and the provider says when it was gone already.",
    async check({ create, provider }) {
      const sandbox = await create();
      assert.equal(await provider.destroy(sandbox.id), "destroyed");
      await aborted(sandbox.lost);
      assert.equal(await provider.destroy(sandbox.id), "already-gone");
      const unknown = randomUUID().replaceAll("-", "").repeat(2);
      assert.equal(await provider.destroy(unknown), "already-gone");
    },
  },
  {
    promise: "A sandbox can be destroyed by another process's provider, and its maker hears of it.",
    async check({ create, another }) {
      const sandbox = await create();
      const running = sh(sandbox, "sleep 300");
      assert.equal(await another.destroy(sandbox.id), "destroyed");
      await aborted(sandbox.lost);
      assert.equal((await running).end, "lost");
    },
  },
  {
    promise: "When its time is over a sandbox is lost, and so is what runs in it.",
    async check({ create, provider, labels }) {
      const sandbox = await create({ maxLifetimeMs: 1_200 });
      const { end } = await sh(sandbox, "sleep 300");
      assert.deepEqual([end, sandbox.lost.aborted], ["lost", true]);
      await eventually(async () =>
        (await provider.list(labels)).every(({ id }) => id !== sandbox.id),
      );
    },
  },
  {
    promise: "A sandbox can be given more time, and less.",
    async check({ create }) {
      const shorter = await create();
      const longer = await create({ maxLifetimeMs: 2_500 });
      await longer.extend(120_000);
      assert.ok((await longer.info()).expiresAtMs > Date.now() + 100_000);
      await shorter.extend(800);
      await aborted(shorter.lost);
      await sh(longer, "sleep 2.6");
      assert.equal((await sh(longer, "echo alive")).out, "alive\n");
    },
  },
  {
    promise:
      "A time to live that is none is refused, and so is more time for a sandbox that is gone.",
    async check({ create }) {
      const sandbox = await create();
      for (const ms of [0, -5, Number.NaN]) await fails(sandbox.extend(ms), "invalid-request");
      await sandbox.destroy();
      await fails(sandbox.extend(1_000), "invalid-request/lifetime-over");
    },
  },
  {
    promise: "A sandbox goes with the process that made it, even one that was killed.",
    async check({ abandon, provider, spec }) {
      const mine = { law: randomUUID() };
      const id = await abandon(spec({ labels: mine }));
      await eventually(async () =>
        (await provider.list(mine)).every(({ state }) => state === "ended"),
      );
      await provider.destroy(id);
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "A sandbox that nobody has can't be connected to.",
    async check({ provider }) {
      const unknown = randomUUID().replaceAll("-", "").repeat(2);
      await fails(provider.connect(unknown), "invalid-request/no-such-sandbox");
    },
  },
  {
    promise:
      "A sandbox that outlives its process is found again, with its files and without its commands.",
    needs: "reconnect",
    async check({ abandon, provider, spec }) {
      const id = await abandon(spec({ outlivesProcess: true }));
      await using sandbox = await provider.connect(id);
      assert.equal(sandbox.id, id);
      const { out } = await sh(
        sandbox,
        "cat kept; cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 400[.]5'",
      );
      assert.equal(out, "kept0\n");
    },
  },
  {
    promise: "A sandbox that outlives its process ends with its time all the same.",
    needs: "reconnect",
    async check({ abandon, provider, spec }) {
      const mine = { law: randomUUID() };
      const id = await abandon(spec({ labels: mine, outlivesProcess: true, maxLifetimeMs: 6_000 }));
      const sandbox = await provider.connect(id);
      await aborted(sandbox.lost);
      await eventually(async () =>
        (await provider.list(mine)).every(({ state }) => state === "ended"),
      );
      await provider.destroy(id);
    },
  },
  {
    promise: "A sandbox that somebody has can't be connected to by another.",
    needs: "reconnect",
    async check({ create, another }) {
      const sandbox = await create({ outlivesProcess: true });
      await fails(another.connect(sandbox.id), "invalid-request/in-use");
      assert.equal((await sh(sandbox, "echo mine", { timeoutMs: PATIENCE_MS })).out, "mine\n");
    },
  },
];
