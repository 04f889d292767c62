import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `A rejected job stops the queue
After one job rejects, the jobs behind it never start: active stays at 1 and their promises stay pending.
A failed job must free its place like any other.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "lane-queue",
    version: "2.3.1",
    type: "module",
    main: "src/queue.js",
    scripts: { test: "node --test --experimental-test-module-mocks" },
  }),
  "src/queue.js": `export class Queue {
  #waiting = [];
  active = 0;

  constructor(concurrency = 1) {
    this.concurrency = concurrency;
  }

  get pending() {
    return this.#waiting.length;
  }

  add(job) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  #next() {
    if (this.active >= this.concurrency) return;
    const entry = this.#waiting.shift();
    if (entry === undefined) return;
    this.active += 1;
    Promise.resolve()
      .then(entry.job)
      .then((value) => {
        this.active -= 1;
        entry.resolve(value);
        this.#next();
      }, entry.reject);
  }
}
`,
  "src/map.js": `import { Queue } from "./queue.js";

export function mapLimited(items, concurrency, work) {
  const queue = new Queue(concurrency);
  return Promise.all(items.map((item) => queue.add(() => work(item))));
}
`,
  "test/queue.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { Queue } from "../src/queue.js";

test("gives the value of the job", async () => {
  assert.equal(await new Queue().add(async () => 7), 7);
});

test("passes the error of the job on", async () => {
  await assert.rejects(
    new Queue().add(async () => {
      throw new Error("no luck");
    }),
    /no luck/,
  );
});

test("runs no more than its concurrency at once", async () => {
  const queue = new Queue(2);
  let running = 0;
  let most = 0;
  const job = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  };
  await Promise.all([queue.add(job), queue.add(job), queue.add(job), queue.add(job)]);
  assert.equal(most, 2);
});
`,
  "test/map.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { mapLimited } from "../src/map.js";

test("keeps the order of the items", async () => {
  assert.deepEqual(await mapLimited([3, 1, 2], 2, async (item) => item * 10), [30, 10, 20]);
});
`,
};
