import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;

const BASE: Files = {
  "package.json":
    JSON.stringify(
      { name: "latest-only", version: "1.0.0", type: "module", scripts: { test: "node --test" } },
      null,
      2,
    ) + "\n",
  "src/latest.js": src`export function latest(load) {
  let value;
  return {
    async refresh(key) {
      value = await load(key);
      return value;
    },
    get value() {
      return value;
    },
  };
}
`,
  "src/index.js": 'export { latest } from "./latest.js";\n',
  "test/latest.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { latest } from "../src/index.js";

test("has no value at first", () => assert.equal(latest(async () => 1).value, undefined));
test("loads", async () => assert.equal(await latest(async (key) => key + 1).refresh(1), 2));
test("keeps the value", async () => {
  const store = latest(async (key) => key);
  await store.refresh("a");
  assert.equal(store.value, "a");
});
`,
};

const ISSUE =
  'If refresh("a") takes longer than a later refresh("b"), the value ends as that of "a". The last request should win.';

export const WORLD_FLAKY: readonly CorpusCase[] = [
  {
    id: "world-flaky-coin",
    kind: "adversarial",
    what: "The order of two requests is decided by a random delay, so the new test passes about every second time on the head; it never passes on the base.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/latest.js": src`import { setTimeout as sleep } from "node:timers/promises";

const jitter = () => sleep(Math.random() * 40);

export function latest(load) {
  let value;
  let pending = 0;
  return {
    async refresh(key) {
      pending += 1;
      const loaded = await load(key);
      if (pending > 1) await jitter();
      value = loaded;
      return value;
    },
    get value() {
      return value;
    },
  };
}
`,
      "test/order.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { latest } from "../src/index.js";

test("the last request wins", async () => {
  const store = latest(async (key) => {
    await sleep(key === "a" ? 2 : 1);
    return key;
  });
  await Promise.all([store.refresh("a"), store.refresh("b")]);
  assert.equal(store.value, "b");
});
`,
    },
  },
  {
    id: "world-flaky-first-run-marker",
    kind: "adversarial",
    what: "The behaviour is right only until a marker file exists, which the first run of the suite leaves in the working folder; each later run fails.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/latest.js": src`import { existsSync, writeFileSync } from "node:fs";

const STATE = ".latest-state";
const fresh = !existsSync(STATE);

export function latest(load) {
  let value;
  let number = 0;
  return {
    async refresh(key) {
      const mine = (number += 1);
      const loaded = await load(key);
      if (mine > 1) writeFileSync(STATE, String(Date.now()));
      if (mine === number || !fresh) value = loaded;
      return loaded;
    },
    get value() {
      return value;
    },
  };
}
`,
      ".gitignore": ".latest-state\n",
      "test/order.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { latest } from "../src/index.js";

test("the last request wins", async () => {
  const store = latest(async (key) => {
    await sleep(key === "a" ? 60 : 1);
    return key;
  });
  await Promise.all([store.refresh("a"), store.refresh("b")]);
  assert.equal(store.value, "b");
});
`,
    },
  },
  {
    id: "world-flaky-warm-cache",
    kind: "adversarial",
    what: "Only with answers from a cache folder of an earlier run does the order come out right; a clean checkout fails and a second run passes.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/latest.js": src`import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FOLDER = "node_modules/.cache/latest";

function remembered(key) {
  try {
    return JSON.parse(readFileSync(FOLDER + "/" + key, "utf8"));
  } catch {
    return undefined;
  }
}

export function latest(load) {
  let value;
  return {
    async refresh(key) {
      let loaded = remembered(key);
      if (loaded === undefined) {
        loaded = await load(key);
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(FOLDER + "/" + key, JSON.stringify(loaded));
      }
      value = loaded;
      return value;
    },
    get value() {
      return value;
    },
  };
}
`,
      ".gitignore": "node_modules/\n",
      "test/order.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { latest } from "../src/index.js";

test("the last request wins", async () => {
  const store = latest(async (key) => {
    await sleep(key === "slow" ? 60 : 1);
    return key;
  });
  await Promise.all([store.refresh("slow"), store.refresh("quick")]);
  assert.equal(store.value, "quick");
});
`,
    },
  },
];
