import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { IsolationKind } from "../../../src/sandbox/capabilities.ts";
import { layerOf } from "../archive.ts";
import type { Law } from "../law.ts";
import { bytes, fails, sh } from "../shell.ts";

const KINDS: readonly IsolationKind[] = [
  "process",
  "container",
  "user-namespace",
  "gvisor",
  "microvm",
];

/** Which sandboxes are made, which are not, and how they are found. */
export const MAKING_LAWS: readonly Law[] = [
  {
    promise: "A sandbox is found by its labels, all of them, by another process too.",
    async check({ create, provider, another, labels }) {
      const mine = { law: randomUUID() };
      const sandbox = await create({ labels: { ...mine, colour: "red" } });
      for (const one of [provider, another]) {
        const [found, ...others] = await one.list({ ...labels, ...mine });
        assert.deepEqual([found?.id, found?.state, others], [sandbox.id, "running", []]);
        assert.equal(found?.labels["colour"], "red");
        const life = (found?.expiresAtMs ?? 0) - (found?.createdAtMs ?? 0);
        assert.ok(Math.abs(life - 600_000) < 30_000, `It is listed with a life of ${life} ms.`);
      }
    },
  },
  {
    promise: "Sandboxes with other labels are not listed, and one label that fits is not enough.",
    async check({ create, provider }) {
      const [mine, other] = [randomUUID(), randomUUID()];
      await Promise.all([
        create({ labels: { law: mine, colour: "red" } }),
        create({ labels: { law: other, colour: "red" } }),
      ]);
      assert.deepEqual(await provider.list({ law: mine, colour: "green" }), []);
      const found = await provider.list({ law: mine, colour: "red" });
      assert.deepEqual(
        found.map(({ labels }) => labels["law"]),
        [mine],
      );
    },
  },
  {
    promise: "A sandbox that is destroyed is listed no more.",
    async check({ create, provider }) {
      const mine = { law: randomUUID() };
      await (await create({ labels: mine })).destroy();
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "A sandbox that nobody wants any more isn't made, and leaves nothing.",
    async check({ provider, spec }) {
      const mine = { law: randomUUID() };
      const creating = provider.create(spec({ labels: mine }), { signal: AbortSignal.abort() });
      await fails(creating, "cancelled");
      const late = AbortSignal.timeout(60);
      await fails(
        provider.create(spec({ labels: mine, layers: [endlessLayer] }), { signal: late }),
        "cancelled",
      );
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "A sandbox whose layers can't be unpacked isn't made, and leaves nothing.",
    async check({ provider, spec }) {
      const mine = { law: randomUUID() };
      const layers = [layerOf("/workspace", bytes("this is no archive ".repeat(100)))];
      await fails(provider.create(spec({ labels: mine, layers })), "invalid-request");
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "A requirement that can't be met is named, before anything is made.",
    async check({ provider, spec, capabilities }) {
      const mine = { law: randomUUID() };
      const isolation = KINDS.filter((kind) => kind !== capabilities.isolation);
      const wanted = spec({ labels: mine, require: { isolation } });
      const failure = await fails(provider.create(wanted), "invalid-request/requirement-not-met");
      assert.ok(failure.message.includes(capabilities.isolation), failure.message);
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "What the probe says can be done may be required.",
    async check({ create, capabilities }) {
      const { isolation, limits } = capabilities;
      const sandbox = await create({ require: { isolation: [isolation], limits } });
      assert.equal((await sh(sandbox, "echo fine")).out, "fine\n");
    },
  },
  {
    promise:
      "What the probe says can't be done is refused with that reason, wherever it is asked for.",
    async check({ shared, provider, spec, capabilities }) {
      const sandbox = await shared();
      for (const name of ["pause", "snapshot", "reconnect"] as const) {
        if (capabilities[name]) continue;
        const work = provider.create(spec({ require: { [name]: true } }));
        await fails(work, "invalid-request/requirement-not-met");
      }
      if (!capabilities.pause) await fails(sandbox.pause(), "invalid-request/no-pause");
      if (capabilities.snapshot) return;
      await fails(sandbox.snapshot(), "invalid-request/no-snapshot");
      await fails(sandbox.fork(), "invalid-request");
    },
  },
  {
    promise: "A snapshot that nobody has is refused by its name, and nothing is made.",
    async check({ provider, spec }) {
      const mine = { law: randomUUID() };
      const wanted = spec({ labels: mine, snapshot: "no-such-snapshot" });
      await fails(provider.create(wanted), "invalid-request/no-such-snapshot");
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "An image that nobody has is refused, and nothing is made.",
    async check({ provider, spec }) {
      const mine = { law: randomUUID() };
      const wanted = spec({ labels: mine, image: "no-such-image" });
      await fails(provider.create(wanted), "invalid-request");
      assert.deepEqual(await provider.list(mine), []);
    },
  },
  {
    promise: "A key stands for one sandbox: asked for again, or twice at once, it is that one.",
    async check({ create, provider }) {
      const mine = { law: randomUUID() };
      const wanted = { labels: mine, key: `key-${randomUUID()}` };
      const made = await Promise.all([create(wanted), create(wanted)]);
      made.push(await create(wanted));
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.equal((await provider.list(mine)).length, 1);
    },
  },
  {
    promise: "A key is free again when its sandbox is gone, and another key is another sandbox.",
    async check({ create }) {
      const key = `key-${randomUUID()}`;
      const first = await create({ key });
      const other = await create({ key: `${key}-other` });
      assert.notEqual(other.id, first.id);
      await first.destroy();
      const second = await create({ key });
      assert.notEqual(second.id, first.id);
      assert.equal((await sh(second, "echo fine")).out, "fine\n");
    },
  },
];

/** Nobody gets to its end before the caller has given up. */
const endlessLayer = {
  ...layerOf("/workspace", new Uint8Array(10_240)),
  open: async function* () {
    for (let piece = 0; piece < 10; piece += 1) {
      yield new Uint8Array(1_024);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
};
