import { expect, onTestFinished, test, vi } from "vitest";
import type { Booted } from "../../../../../src/sandbox/providers/docker/boot.ts";
import type { Image } from "../../../../../src/sandbox/providers/docker/image.ts";
import { Pool, type PoolOptions } from "../../../../../src/sandbox/providers/docker/pool.ts";
import { fakeLog } from "../../../../fakes/log.ts";

const LIMITS = { cpus: 1, memoryMiB: 256, pids: 64, workspaceMiB: 64 };
const KIND = { image: "node", limits: LIMITS };
const LARGER = { image: "node", limits: { ...LIMITS, memoryMiB: 512 } };
const IMAGE: Image = { ref: "dunlin/node:1", digest: "sha256:1" };

/** A container that can be ended and knows whether it was removed. */
function fakeContainer(id: string, image: Image) {
  const closed = Promise.withResolvers<string>();
  const removed = Promise.withResolvers<void>();
  const parts = {
    image,
    connection: { closed: closed.promise, close: closed.resolve, answer: async () => {} },
    machine: { id, remove: async () => removed.resolve() },
  };
  return { booted: parts as unknown as Booted, end: closed.resolve, removed: removed.promise };
}

function openPool(options: Partial<PoolOptions> = {}) {
  const made: ReturnType<typeof fakeContainer>[] = [];
  const pool = new Pool({
    size: 2,
    isBusy: () => false,
    log: fakeLog(),
    async boot() {
      const container = fakeContainer(`c${made.length}`, IMAGE);
      made.push(container);
      return container.booted;
    },
    ...options,
  });
  onTestFinished(() => pool.close());
  return { pool, made };
}

test("each that waits is claimed once, by who asks for its kind and its image", async () => {
  const { pool, made } = openPool();
  await pool.warm(KIND);
  expect(made).toHaveLength(2);
  expect(pool.has("c0") && pool.has("c1")).toBe(true);
  expect(await pool.claim(LARGER, IMAGE)).toBeUndefined();
  expect(await pool.claim(KIND, { ...IMAGE, digest: "sha256:2" })).toBeUndefined();
  expect((await pool.claim(KIND, IMAGE))?.machine.id).toBe("c0");
  expect(pool.has("c0")).toBe(false);
  expect((await pool.claim(KIND, IMAGE))?.machine.id).toBe("c1");
  expect(await pool.claim(KIND, IMAGE)).toBeUndefined();
});

test("what was taken is made anew, once nobody waits for a sandbox", async () => {
  const { pool, made } = openPool({ size: 1 });
  await pool.warm(KIND);
  const during = await pool.around(async () => {
    const claimed = await pool.claim(KIND, IMAGE);
    pool.tend();
    expect(made).toHaveLength(1);
    return claimed;
  });
  expect(during?.machine.id).toBe("c0");
  await pool.warm(KIND);
  expect((await pool.claim(KIND, IMAGE))?.machine.id).toBe("c1");
});

test("a busy machine makes none ready, unless somebody says that he wants it", async () => {
  const { pool, made } = openPool({ isBusy: () => true });
  expect(await pool.around(() => pool.claim(KIND, IMAGE))).toBeUndefined();
  expect(made).toHaveLength(0);
  await pool.warm(KIND);
  expect(made.length).toBeGreaterThan(0);
});

test("who comes while one is being made gets that one, and only the first of them", async () => {
  const making = Promise.withResolvers<Booted>();
  const begun = Promise.withResolvers<void>();
  const boot = () => {
    begun.resolve();
    return making.promise;
  };
  const { pool } = openPool({ boot, size: 1 });
  const warm = pool.warm(KIND);
  await begun.promise;
  const first = pool.claim(KIND, IMAGE);
  expect(await pool.claim(KIND, IMAGE)).toBeUndefined();
  const { booted } = fakeContainer("c", IMAGE);
  making.resolve(booted);
  expect(await first).toBe(booted);
  expect(pool.has("c")).toBe(false);
  await warm;
});

test("one that dies while it waits is removed and given to nobody", async () => {
  const { pool, made } = openPool({ size: 1 });
  await pool.warm(KIND);
  made[0]?.end("the engine was restarted");
  await made[0]?.removed;
  expect(await pool.claim(KIND, IMAGE)).toBeUndefined();
});

test("one that dies after its claim is none of the pool's business", async () => {
  const { pool, made } = openPool({ size: 1 });
  await pool.warm(KIND);
  const claimed = await pool.claim(KIND, IMAGE);
  let isRemoved = false;
  void made[0]?.removed.then(() => {
    isRemoved = true;
  });
  made[0]?.end("over");
  await claimed?.connection.closed;
  await pool.close();
  expect(isRemoved).toBe(false);
});

test("closing removes all that wait, and the one that is being made", async () => {
  const { pool, made } = openPool();
  await pool.warm(KIND);
  await pool.close();
  await Promise.all(made.map(({ removed }) => removed));
  expect(pool.has("c0")).toBe(false);
  const stopped = openPool({
    boot: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  const warm = stopped.pool.warm(KIND);
  await stopped.pool.close();
  await expect(warm).rejects.toThrow("abort");
});

test("what keeps one from being made is told to who asked for it, and to no other", async () => {
  const { pool } = openPool({ boot: () => Promise.reject(new Error("no engine")) });
  await expect(pool.warm(KIND)).rejects.toThrow("no engine");
  expect(await pool.claim(KIND, IMAGE)).toBeUndefined();
});

test("what could not be made is tried again by itself after a minute, and not before", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let tries = 0;
  const { pool } = openPool({
    size: 1,
    async boot() {
      tries += 1;
      if (tries === 1) throw new Error("no engine");
      return fakeContainer("later", IMAGE).booted;
    },
  });
  await expect(pool.warm(KIND)).rejects.toThrow("no engine");
  await vi.advanceTimersByTimeAsync(59_000);
  expect([tries, pool.has("later")]).toEqual([1, false]);
  await vi.advanceTimersByTimeAsync(7_000);
  expect([tries, pool.has("later")]).toEqual([2, true]);
});

test("one kind that can't be made keeps no other from being made", async () => {
  const asked: number[] = [];
  const { pool } = openPool({
    async boot({ limits }) {
      asked.push(limits.memoryMiB);
      if (limits.memoryMiB === LARGER.limits.memoryMiB) throw new Error("too large");
      return fakeContainer("c", IMAGE).booted;
    },
  });
  await pool.claim(KIND, IMAGE);
  await pool.claim(LARGER, IMAGE);
  const refused = expect(pool.warm(LARGER)).rejects.toThrow("too large");
  await pool.warm(KIND);
  await refused;
  expect(asked.filter((memoryMiB) => memoryMiB === 512)).toHaveLength(1);
  expect(await pool.claim(KIND, IMAGE)).toBeDefined();
});

test("a closed pool makes nothing ready", async () => {
  const { pool, made } = openPool();
  await pool.close();
  await pool.warm(KIND);
  expect(made).toEqual([]);
});
