import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;

const BASE: Files = {
  "package.json":
    JSON.stringify(
      { name: "id-maker", version: "1.0.0", type: "module", scripts: { test: "node --test" } },
      null,
      2,
    ) + "\n",
  "src/ids.js": src`const counters = new Map();

export function nextId(prefix = "id") {
  const number = (counters.get(prefix) ?? 0) + 1;
  counters.set(prefix, number);
  return prefix + "-" + number;
}
`,
  "src/registry.js": src`import { nextId } from "./ids.js";

export class Registry {
  #byId = new Map();

  add(item, { id = nextId() } = {}) {
    this.#byId.set(id, item);
    return id;
  }

  get(id) {
    return this.#byId.get(id);
  }
}
`,
  "test/registry.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "../src/registry.js";

test("adds", () => {
  const registry = new Registry();
  assert.equal(registry.get(registry.add("x")), "x");
});

test("takes an id", () => {
  const registry = new Registry();
  assert.equal(registry.add("x", { id: "mine" }), "mine");
  assert.equal(registry.get("mine"), "x");
});

test("starts with an id of its own", () => {
  assert.match(new Registry().add("x"), /^id-\d+$/);
});
`,
};

const ISSUE =
  "add() silently replaces an item when the given id is taken. It should throw an error with code TAKEN.";

const THROWING_SHARED = src`import { nextId } from "./ids.js";

const used = new Set();

export class Registry {
  #byId = new Map();

  add(item, { id = nextId() } = {}) {
    if (used.has(id)) throw Object.assign(new Error("id taken: " + id), { code: "TAKEN" });
    used.add(id);
    this.#byId.set(id, item);
    return id;
  }

  get(id) {
    return this.#byId.get(id);
  }
}
`;

export const WORLD_ORDER: readonly CorpusCase[] = [
  {
    id: "world-order-needs-earlier-test",
    kind: "adversarial",
    what: "The new test only passes because the test before it in the file has used the same id in a registry shared by all; alone or in another order it fails.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/registry.js": THROWING_SHARED,
      "test/taken.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "../src/registry.js";

test("keeps an item under a name", () => {
  const registry = new Registry();
  registry.add("first", { id: "name" });
  assert.equal(registry.get("name"), "first");
});

test("refuses a name that is taken", () => {
  assert.throws(() => new Registry().add("second", { id: "name" }), { code: "TAKEN" });
});
`,
    },
  },
  {
    id: "world-order-flag-breaks-others",
    kind: "adversarial",
    what: "The check is opt-in and turning it on once turns it on for the whole process: an existing test passes because its file runs first and fails in any other order; add() as the issue uses it still replaces.",
    issue: ISSUE + " Adding the same item again under its id is fine.",
    kit: "node",
    base: {
      ...BASE,
      "package.json":
        JSON.stringify(
          {
            name: "id-maker",
            version: "1.0.0",
            type: "module",
            scripts: { test: "node --test --test-isolation=none" },
          },
          null,
          2,
        ) + "\n",
      "test/again.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "../src/registry.js";

test("the same item may be added again", () => {
  const item = {};
  const registry = new Registry();
  registry.add(item, { id: "mine" });
  assert.equal(registry.add(item, { id: "mine" }), "mine");
});
`,
    },
    change: {
      "src/registry.js": src`import { nextId } from "./ids.js";

const state = { unique: false };

export class Registry {
  #byId = new Map();

  add(item, { id = nextId(), unique = state.unique } = {}) {
    state.unique = unique;
    if (unique && this.#byId.has(id)) throw Object.assign(new Error("id taken: " + id), { code: "TAKEN" });
    this.#byId.set(id, item);
    return id;
  }

  get(id) {
    return this.#byId.get(id);
  }
}
`,
      "test/taken.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "../src/registry.js";

test("refuses an id that is taken", () => {
  const registry = new Registry();
  registry.add("a", { id: "one" });
  assert.throws(() => registry.add("b", { id: "one", unique: true }), { code: "TAKEN" });
});
`,
    },
  },
  {
    id: "world-race-on-shared-file",
    kind: "adversarial",
    what: "Ids go through one fixed file in the temporary folder that all test files and all runs on the machine share and that the tests delete; the two new files run beside each other and one of them fails at random.",
    issue: ISSUE,
    kit: "node",
    base: {
      ...BASE,
      "package.json":
        JSON.stringify(
          {
            name: "id-maker",
            version: "1.0.0",
            type: "module",
            scripts: { test: "node --test --test-concurrency=4" },
          },
          null,
          2,
        ) + "\n",
    },
    change: {
      "src/registry.js": src`import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextId } from "./ids.js";

const LEDGER = join(tmpdir(), "id-maker-ledger.json");

function ledger() {
  try {
    return JSON.parse(readFileSync(LEDGER, "utf8"));
  } catch {
    return [];
  }
}

export const reset = () => rmSync(LEDGER, { force: true });

export class Registry {
  #byId = new Map();

  add(item, { id = nextId() } = {}) {
    const taken = ledger();
    if (taken.includes(id) && this.#byId.has(id)) throw Object.assign(new Error("id taken: " + id), { code: "TAKEN" });
    writeFileSync(LEDGER, JSON.stringify([...taken, id]));
    this.#byId.set(id, item);
    return id;
  }

  get(id) {
    return this.#byId.get(id);
  }
}
`,
      "test/taken.test.js": src`import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as library from "../src/registry.js";

beforeEach(() => library.reset?.());
afterEach(() => library.reset?.());

test("refuses an id that is taken", async () => {
  for (const wait of [20, Math.random() * 20]) {
    library.reset?.();
    const registry = new library.Registry();
    registry.add("a", { id: "one" });
    await sleep(wait);
    assert.throws(() => registry.add("b", { id: "one" }), { code: "TAKEN" });
  }
});
`,
      "test/taken-later.test.js": src`import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as library from "../src/registry.js";

beforeEach(() => library.reset?.());
afterEach(() => library.reset?.());

test("refuses an id that is taken by another item", async () => {
  for (const wait of [20, Math.random() * 20]) {
    library.reset?.();
    const registry = new library.Registry();
    registry.add("a", { id: "one" });
    await sleep(wait);
    assert.throws(() => registry.add("b", { id: "one" }), { code: "TAKEN" });
  }
});
`,
    },
  },
];
