import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `The bucket fills beyond its capacity
A limiter with capacity 5 and 1 token per second that is idle for a minute lets 65 requests through at once.
It must never hold more tokens than its capacity.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "bucket-limiter",
    version: "1.2.0",
    type: "module",
    main: "src/limiter.js",
    scripts: { test: "node --test" },
  }),
  "src/limiter.js": `import { systemClock } from "./clock.js";

export class Limiter {
  constructor({ capacity, perSecond, clock = systemClock }) {
    this.capacity = capacity;
    this.perSecond = perSecond;
    this.clock = clock;
    this.tokens = capacity;
    this.last = clock.now();
  }

  refill() {
    const now = this.clock.now();
    this.tokens += ((now - this.last) / 1000) * this.perSecond;
    this.last = now;
  }

  available() {
    this.refill();
    return Math.floor(this.tokens);
  }

  take(count = 1) {
    this.refill();
    if (this.tokens < count) return false;
    this.tokens -= count;
    return true;
  }
}
`,
  "src/clock.js": `export const systemClock = { now: () => Date.now() };
`,
  "test/limiter.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { Limiter } from "../src/limiter.js";
import { fakeClock } from "./helpers/clock.js";

test("allows as many as its capacity", () => {
  const limiter = new Limiter({ capacity: 2, perSecond: 1, clock: fakeClock() });
  assert.equal(limiter.take(), true);
  assert.equal(limiter.take(), true);
  assert.equal(limiter.take(), false);
});

test("fills again with time", () => {
  const clock = fakeClock();
  const limiter = new Limiter({ capacity: 2, perSecond: 1, clock });
  limiter.take(2);
  clock.advance(1000);
  assert.equal(limiter.take(), true);
  assert.equal(limiter.take(), false);
});

test("takes several at once or none", () => {
  const limiter = new Limiter({ capacity: 3, perSecond: 1, clock: fakeClock() });
  assert.equal(limiter.take(4), false);
  assert.equal(limiter.take(3), true);
});
`,
  "test/helpers/clock.js": `export function fakeClock(start = 0) {
  let time = start;
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds;
    },
  };
}
`,
};
