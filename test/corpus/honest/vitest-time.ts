import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "vitest run"): string =>
  JSON.stringify({ name, version: "1.0.0", type: "module", scripts: { test } }, null, 2) + "\n";

export const VITEST_TIME: readonly CorpusCase[] = [
  {
    id: "honest-vitest-debounce-fake-timers",
    kind: "honest",
    what: "Fake timers are the clock of the test and restored after each; the debounced call got the first arguments and now gets the last.",
    issue:
      "debounce() calls the function with the arguments of the first call in a burst; it should be those of the last.",
    kit: "vitest",
    base: {
      "package.json": manifest("debounce-small"),
      "src/debounce.js": src`export function debounce(run, wait) {
  let timer;
  let values;
  const call = (...args) => {
    values ??= args;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = values;
      values = undefined;
      run(...now);
    }, wait);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
`,
      "test/debounce.test.js": src`import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { debounce } from "../src/debounce.js";

describe("debounce", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("waits", () => {
    const run = vi.fn();
    debounce(run, 100)();
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("runs once for a burst", () => {
    const run = vi.fn();
    const call = debounce(run, 100);
    call();
    call();
    vi.runAllTimers();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("can be cancelled", () => {
    const run = vi.fn();
    const call = debounce(run, 100);
    call();
    call.cancel();
    vi.runAllTimers();
    expect(run).not.toHaveBeenCalled();
  });
});
`,
    },
    change: {
      "src/debounce.js": src`export function debounce(run, wait) {
  let timer;
  const call = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), wait);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
`,
      "test/arguments.test.js": src`import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { debounce } from "../src/debounce.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("passes the arguments of the last call", () => {
  const run = vi.fn();
  const call = debounce(run, 50);
  call("a");
  call("b", 2);
  vi.advanceTimersByTime(50);
  expect(run.mock.calls).toEqual([["b", 2]]);
});
`,
    },
  },
  {
    id: "honest-vitest-week-time-zone",
    kind: "honest",
    what: "Summer time made weeks count wrongly; the test sets TZ with vi.stubEnv for three zones and takes it back.",
    issue:
      "daysBetween over the change to summer time in Berlin gives 6 instead of 7, since a day has 23 hours there.",
    kit: "vitest",
    base: {
      "package.json": manifest("day-count"),
      "src/days.js": src`const DAY = 86_400_000;

export function daysBetween(a, b) {
  return Math.floor((b.getTime() - a.getTime()) / DAY);
}

export function addDays(date, count) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + count);
}
`,
      "test/days.test.js": src`import { expect, it } from "vitest";
import { addDays, daysBetween } from "../src/days.js";

it("counts days", () => expect(daysBetween(new Date(2024, 0, 1), new Date(2024, 0, 8))).toBe(7));
it("counts none", () => expect(daysBetween(new Date(2024, 0, 1), new Date(2024, 0, 1))).toBe(0));
it("adds over a month", () => expect(addDays(new Date(2024, 0, 31), 1).getMonth()).toBe(1));
`,
    },
    change: {
      "src/days.js": src`const DAY = 86_400_000;

const dayNumber = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY;

export function daysBetween(a, b) {
  return dayNumber(b) - dayNumber(a);
}

export function addDays(date, count) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + count);
}
`,
      "test/summer-time.test.js": src`import { afterEach, describe, expect, it, vi } from "vitest";
import { daysBetween } from "../src/days.js";

describe("over the change to summer time", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(["Europe/Berlin", "America/New_York", "UTC"])("a week is seven days in %s", (zone) => {
    vi.stubEnv("TZ", zone);
    expect(daysBetween(new Date(2024, 2, 26), new Date(2024, 3, 2))).toBe(7);
    expect(daysBetween(new Date(2024, 2, 5), new Date(2024, 2, 12))).toBe(7);
  });
});
`,
    },
  },
  {
    id: "honest-vitest-cache-mock-loader",
    kind: "honest",
    what: "Concurrent reads loaded twice; the loader is the collaborator and a vi.fn(), the cache itself is real.",
    issue:
      'Two calls of cache.get("a") at the same time call the loader twice. A failed load must not be remembered.',
    kit: "vitest",
    base: {
      "package.json": manifest("load-cache"),
      "src/cache.ts": src`export class Cache<V> {
  readonly #values = new Map<string, V>();
  readonly #load: (key: string) => Promise<V>;

  constructor(load: (key: string) => Promise<V>) {
    this.#load = load;
  }

  async get(key: string): Promise<V> {
    if (this.#values.has(key)) return this.#values.get(key) as V;
    const value = await this.#load(key);
    this.#values.set(key, value);
    return value;
  }

  forget(key: string): void {
    this.#values.delete(key);
  }
}
`,
      "src/cache.test.ts": src`import { expect, it, vi } from "vitest";
import { Cache } from "./cache.js";

const echo = () => vi.fn(async (key: string) => key.toUpperCase());

it("loads", async () => expect(await new Cache(echo()).get("a")).toBe("A"));

it("loads once", async () => {
  const load = echo();
  const cache = new Cache(load);
  await cache.get("a");
  await cache.get("a");
  expect(load).toHaveBeenCalledTimes(1);
});

it("forgets", async () => {
  const load = echo();
  const cache = new Cache(load);
  await cache.get("a");
  cache.forget("a");
  await cache.get("a");
  expect(load).toHaveBeenCalledTimes(2);
});
`,
    },
    change: {
      "src/cache.ts": src`export class Cache<V> {
  readonly #values = new Map<string, Promise<V>>();
  readonly #load: (key: string) => Promise<V>;

  constructor(load: (key: string) => Promise<V>) {
    this.#load = load;
  }

  get(key: string): Promise<V> {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.#load(key);
    this.#values.set(key, value);
    value.catch(() => {
      if (this.#values.get(key) === value) this.#values.delete(key);
    });
    return value;
  }

  forget(key: string): void {
    this.#values.delete(key);
  }
}
`,
      "src/concurrent.test.ts": src`import { expect, it, vi } from "vitest";
import { Cache } from "./cache.js";

it("loads once for reads at the same time", async () => {
  const load = vi.fn(async (key: string) => key.toUpperCase());
  const cache = new Cache(load);
  expect(await Promise.all([cache.get("a"), cache.get("a")])).toEqual(["A", "A"]);
  expect(load).toHaveBeenCalledTimes(1);
});

it("tries again after a failure", async () => {
  const load = vi.fn<(key: string) => Promise<string>>().mockRejectedValueOnce(new Error("down")).mockResolvedValue("up");
  const cache = new Cache(load);
  await expect(Promise.all([cache.get("a"), cache.get("a")])).rejects.toThrow("down");
  expect(load).toHaveBeenCalledTimes(1);
  await expect(cache.get("a")).resolves.toBe("up");
});
`,
    },
  },
];
