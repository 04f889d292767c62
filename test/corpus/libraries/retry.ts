import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `One attempt too few
retry(work, { attempts: 3 }) calls work only twice before it gives up. attempts is the number of calls, so the third
call has to happen, and attempts: 1 has to call once (at present: never, and it rejects with undefined).`;

export const BASE: Files = {
  "package.json": manifest({
    name: "again-please",
    version: "1.6.0",
    type: "module",
    exports: "./src/retry.js",
    scripts: { test: "node --test" },
  }),
  "src/retry.js": `import { delayFor } from "./backoff.js";
import { sleep } from "./sleep.js";

export async function retry(work, { attempts = 3, base = 10, wait = sleep } = {}) {
  let failure;
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      failure = error;
      await wait(delayFor(attempt, base));
    }
  }
  throw failure;
}
`,
  "src/backoff.js": `export function delayFor(attempt, base) {
  return Math.min(base * 2 ** (attempt - 1), 30_000);
}
`,
  "src/sleep.js": `export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
`,
  "test/retry.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { retry } from "../src/retry.js";

const noWait = async () => {};

test("gives the value of the first success", async () => {
  assert.equal(await retry(async () => "done", { wait: noWait }), "done");
});

test("tries again after a failure", async () => {
  const value = await retry(
    async (attempt) => {
      if (attempt === 1) throw new Error("once");
      return attempt;
    },
    { attempts: 5, wait: noWait },
  );
  assert.equal(value, 2);
});

test("rejects with the last error", async () => {
  const work = async (attempt) => {
    throw new Error("failed " + (attempt > 0));
  };
  await assert.rejects(retry(work, { attempts: 4, wait: noWait }), /failed true/);
});
`,
  "test/backoff.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { delayFor } from "../src/backoff.js";

test("doubles up to half a minute", () => {
  assert.equal(delayFor(1, 10), 10);
  assert.equal(delayFor(3, 10), 40);
  assert.equal(delayFor(30, 10), 30_000);
});
`,
};
