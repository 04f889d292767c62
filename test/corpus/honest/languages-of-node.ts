import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.1.0", ...more, scripts: { test } }, null, 2) + "\n";

export const LANGUAGES_OF_NODE: readonly CorpusCase[] = [
  {
    id: "honest-lru-typescript",
    kind: "honest",
    what: "Library and tests are TypeScript, run by Node's type stripping; get() now renews an entry.",
    issue:
      'Reading a key does not make it recent: after get("a") the next overflow still evicts "a".',
    kit: "node",
    base: {
      "package.json": manifest("lru-typed", "node --test test/*.test.ts", { type: "module" }),
      "tsconfig.json":
        '{ "compilerOptions": { "strict": true, "module": "nodenext", "noEmit": true, "allowImportingTsExtensions": true } }\n',
      "src/lru.ts": src`export class Lru<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
`,
      "test/lru.test.ts": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Lru } from "../src/lru.ts";

test("keeps what fits", () => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  assert.equal(lru.get("a"), 1);
});

test("evicts the oldest", () => {
  const lru = new Lru<string, number>(1);
  lru.set("a", 1);
  lru.set("b", 2);
  assert.equal(lru.get("a"), undefined);
  assert.equal(lru.size, 1);
});

test("setting again renews", () => {
  const lru = new Lru<string, number>(2);
  for (const key of ["a", "b", "a", "c"]) lru.set(key, 0);
  assert.equal(lru.get("b"), undefined);
});
`,
    },
    change: {
      "src/lru.ts": src`export class Lru<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    if (!this.#entries.has(key)) return undefined;
    const value = this.#entries.get(key) as V;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
`,
      "test/renew.test.ts": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Lru } from "../src/lru.ts";

test("reading renews an entry", () => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  assert.equal(lru.get("a"), 1);
  lru.set("c", 3);
  assert.equal(lru.get("a"), 1);
  assert.equal(lru.get("b"), undefined);
});
`,
    },
  },
  {
    id: "honest-bucket-commonjs-clock",
    kind: "honest",
    what: "CommonJS; the rate limiter takes its clock as an option and the test moves a clock of its own by hand.",
    issue:
      "After a pause of ten minutes the bucket lets ten minutes' worth of requests through at once, more than its capacity.",
    kit: "node",
    base: {
      "package.json": manifest("token-bucket", "node --test test/*.test.js", {
        main: "lib/bucket.js",
      }),
      "lib/bucket.js": src`"use strict";

class Bucket {
  constructor({ capacity, perSecond, now = Date.now }) {
    this.capacity = capacity;
    this.perSecond = perSecond;
    this.now = now;
    this.tokens = capacity;
    this.last = now();
  }

  take(count = 1) {
    const time = this.now();
    this.tokens += ((time - this.last) / 1000) * this.perSecond;
    this.last = time;
    if (this.tokens < count) return false;
    this.tokens -= count;
    return true;
  }
}

module.exports = { Bucket };
`,
      "test/clock.js": src`"use strict";

exports.clock = (start = 0) => {
  let time = start;
  const now = () => time;
  now.pass = (ms) => { time += ms; };
  return now;
};
`,
      "test/bucket.test.js": src`"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Bucket } = require("..");
const { clock } = require("./clock.js");

test("starts full", () => {
  const bucket = new Bucket({ capacity: 2, perSecond: 1, now: clock() });
  assert.deepEqual([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
});

test("fills again", () => {
  const now = clock();
  const bucket = new Bucket({ capacity: 1, perSecond: 2, now });
  bucket.take();
  now.pass(500);
  assert.equal(bucket.take(), true);
});

test("takes several", () => {
  assert.equal(new Bucket({ capacity: 3, perSecond: 1, now: clock() }).take(4), false);
});
`,
    },
    change: {
      "lib/bucket.js": src`"use strict";

class Bucket {
  constructor({ capacity, perSecond, now = Date.now }) {
    this.capacity = capacity;
    this.perSecond = perSecond;
    this.now = now;
    this.tokens = capacity;
    this.last = now();
  }

  refill() {
    const time = this.now();
    const gained = ((time - this.last) / 1000) * this.perSecond;
    this.tokens = Math.min(this.capacity, this.tokens + gained);
    this.last = time;
  }

  take(count = 1) {
    this.refill();
    if (this.tokens < count) return false;
    this.tokens -= count;
    return true;
  }
}

module.exports = { Bucket };
`,
      "test/pause.test.js": src`"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Bucket } = require("..");
const { clock } = require("./clock.js");

test("a long pause fills up to the capacity and not beyond", () => {
  const now = clock(1_000);
  const bucket = new Bucket({ capacity: 2, perSecond: 5, now });
  now.pass(600_000);
  assert.deepEqual([bucket.take(), bucket.take(), bucket.take()], [true, true, false]);
});
`,
    },
  },
];
