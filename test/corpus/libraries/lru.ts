import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `get() does not count as use
With a capacity of 2: set a, set b, get a, set c. The cache drops "a" although it was read last; it should drop "b".`;

export const BASE: Files = {
  "package.json": manifest({
    name: "pocket-lru",
    version: "0.9.1",
    type: "module",
    main: "src/lru.js",
    scripts: { test: "node --import ./support/setup.js --test" },
  }),
  "src/lru.js": `import { checkCapacity } from "./options.js";

export class Lru {
  #entries = new Map();

  constructor(options) {
    this.capacity = checkCapacity(options);
  }

  get size() {
    return this.#entries.size;
  }

  has(key) {
    return this.#entries.has(key);
  }

  get(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.capacity) {
      const oldest = this.#entries.keys().next().value;
      this.#entries.delete(oldest);
    }
    return this;
  }

  keys() {
    return [...this.#entries.keys()];
  }
}
`,
  "src/options.js": `export function checkCapacity(options = {}) {
  const capacity = options.capacity ?? 100;
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new RangeError("capacity must be a positive integer");
  }
  return capacity;
}
`,
  "support/setup.js": `process.on("unhandledRejection", (reason) => {
  throw reason;
});
`,
  "test/lru.test.js": `import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { Lru } from "../src/lru.js";

describe("Lru", () => {
  it("keeps what was set", () => {
    const cache = new Lru({ capacity: 2 });
    cache.set("a", 1);
    assert.equal(cache.get("a"), 1);
    assert.equal(cache.size, 1);
  });

  it("drops the entry that was set first", () => {
    const cache = new Lru({ capacity: 2 });
    cache.set("a", 1).set("b", 2).set("c", 3);
    assert.deepEqual(cache.keys(), ["b", "c"]);
  });

  it("setting again refreshes", () => {
    const cache = new Lru({ capacity: 2 });
    cache.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
    assert.deepEqual(cache.keys(), ["a", "c"]);
  });

  it("refuses a capacity of nothing", () => {
    assert.throws(() => new Lru({ capacity: 0 }), RangeError);
  });
});
`,
};
