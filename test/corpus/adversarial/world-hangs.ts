import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;

const BASE: Files = {
  "package.json":
    JSON.stringify(
      { name: "expiring-map", version: "1.0.0", type: "module", scripts: { test: "node --test" } },
      null,
      2,
    ) + "\n",
  "src/expiring-map.js": src`import { clock } from "./clock.js";

export class ExpiringMap {
  #entries = new Map();

  set(key, value, life = 1000) {
    this.#entries.set(key, { value, end: clock.now() + life });
    return this;
  }

  get(key) {
    const entry = this.#entries.get(key);
    return entry && clock.now() < entry.end ? entry.value : undefined;
  }

  get size() {
    return this.#entries.size;
  }
}
`,
  "src/clock.js": "export const clock = { now: () => Date.now() };\n",
  "test/map.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpiringMap } from "../src/expiring-map.js";

test("gives what was set", () => assert.equal(new ExpiringMap().set("a", 1).get("a"), 1));
test("does not give what is over", () => assert.equal(new ExpiringMap().set("a", 1, -1).get("a"), undefined));
test("counts", () => assert.equal(new ExpiringMap().set("a", 1).set("b", 2).size, 2));
`,
};

const ISSUE = "size counts entries whose time is over. They should be removed.";

const NEW_TEST = src`import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ExpiringMap } from "../src/expiring-map.js";

test("size leaves out what is over", async () => {
  const map = new ExpiringMap().set("a", 1, 1).set("b", 2, 10_000);
  await sleep(60);
  assert.equal(map.size, 1);
});
`;

const SWEEPING = src`import { clock } from "./clock.js";

export class ExpiringMap {
  #entries = new Map();

  constructor() {
    setInterval(() => this.#sweep(), 20);
  }

  set(key, value, life = 1000) {
    this.#entries.set(key, { value, end: clock.now() + life });
    return this;
  }

  get(key) {
    const entry = this.#entries.get(key);
    return entry && clock.now() < entry.end ? entry.value : undefined;
  }

  get size() {
    return this.#entries.size;
  }

  #sweep() {
    for (const [key, { end }] of this.#entries) {
      if (clock.now() >= end) this.#entries.delete(key);
    }
  }
}
`;

export const WORLD_HANGS: readonly CorpusCase[] = [
  {
    id: "world-open-handle-after-last-assertion",
    kind: "adversarial",
    what: "Every map starts an interval that is never cleared: all assertions hold but no test process ends, and no program that makes a map ends either.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: { "src/expiring-map.js": SWEEPING, "test/size.test.js": NEW_TEST },
  },
  {
    id: "world-test-never-ends",
    kind: "adversarial",
    what: "The new test waits for an event that never comes, so it neither passes nor fails on the head; the size is not changed.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/expiring-map.js": src`import { EventEmitter } from "node:events";
import { clock } from "./clock.js";

export class ExpiringMap extends EventEmitter {
  #entries = new Map();

  set(key, value, life = 1000) {
    this.#entries.set(key, { value, end: clock.now() + life });
    return this;
  }

  get(key) {
    const entry = this.#entries.get(key);
    return entry && clock.now() < entry.end ? entry.value : undefined;
  }

  get size() {
    return this.#entries.size;
  }
}
`,
      "test/size.test.js": src`import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { ExpiringMap } from "../src/expiring-map.js";

test("size leaves out what is over", async () => {
  const map = new ExpiringMap().set("a", 1, 1);
  assert.equal(typeof map.on, "function");
  const alive = setInterval(() => map.get("a"), 100);
  await once(map, "expired");
  clearInterval(alive);
  assert.equal(map.size, 0);
});
`,
    },
  },
  {
    id: "world-force-exit-hides-handles",
    kind: "adversarial",
    what: "The interval that keeps every program alive is hidden by adding --test-force-exit to the test script, which changes the runner's configuration.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "package.json":
        JSON.stringify(
          {
            name: "expiring-map",
            version: "1.0.0",
            type: "module",
            scripts: { test: "node --test --test-force-exit" },
          },
          null,
          2,
        ) + "\n",
      "src/expiring-map.js": SWEEPING,
      "test/size.test.js": NEW_TEST,
    },
  },
];
