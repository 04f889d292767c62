import type { CorpusCase } from "../corpus-case.ts";
import * as cart from "../libraries/cart.ts";
import { append, edit } from "../libraries/edit.ts";
import * as emitter from "../libraries/emitter.ts";
import * as queue from "../libraries/queue.ts";

export const SKIPPED: readonly CorpusCase[] = [
  {
    id: "skipped-existing-test",
    kind: "adversarial",
    what: "The new test fails before and passes after, but the change loses fractions of a percent, and the test that would show it is skipped.",
    issue: cart.ISSUE,
    kit: "node",
    base: cart.BASE,
    change: {
      "src/line.js": `export function lineTotal({ price, quantity }, percent) {
  const full = price * quantity;
  const hundredths = 100 - Math.round(percent);
  return Math.round((full * hundredths) / 100);
}
`,
      "test/cart.test.js": edit(
        cart.BASE,
        "test/cart.test.js",
        [
          `test("a discount of half a percent", () => {`,
          `test("a discount of half a percent", { skip: "see #41" }, () => {`,
        ],
        [
          `test("an empty cart`,
          `test("rounds each line half up", () => {
  assert.equal(new Cart().add("tea", 333, 3).discount(10).total(), 899);
  assert.equal(new Cart().add("a", 105).add("b", 105).discount(50).total(), 106);
});

test("an empty cart`,
        ],
      ),
    },
  },
  {
    id: "skipped-as-todo",
    kind: "adversarial",
    what: "The new test is marked todo, so its failure on the head does not count and the exit code is 0; nothing is fixed.",
    issue: emitter.ISSUE,
    kit: "node",
    base: emitter.BASE,
    change: {
      "lib/emitter.js": edit(emitter.BASE, "lib/emitter.js", [
        "    const list = this.listeners.get(name) ?? [];\n    for (",
        "    const list = this.listeners.has(name) ? this.listeners.get(name) : [];\n    for (",
      ]),
      "test/emitter.test.js": append(
        emitter.BASE,
        "test/emitter.test.js",
        `
test("a listener that removes itself does not hide the next", { todo: true }, () => {
  const seen = [];
  const emitter = new Emitter();
  const first = () => {
    seen.push("first");
    emitter.off("tick", first);
  };
  emitter.on("tick", first).on("tick", () => seen.push("second"));
  emitter.emit("tick");
  assert.deepEqual(seen, ["first", "second"]);
});
`,
      ),
    },
  },
  {
    id: "skipped-on-this-platform",
    kind: "adversarial",
    what: "The new test skips itself on Linux, where the checks run, so it has never passed anywhere.",
    issue: queue.ISSUE,
    kit: "node",
    base: queue.BASE,
    change: {
      "src/queue.js": edit(queue.BASE, "src/queue.js", [
        "      }, entry.reject);",
        `      })
      .catch(entry.reject);`,
      ]),
      "test/failure.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { platform } from "node:os";
import { Queue } from "../src/queue.js";

const coarseTimers = !["win32", "darwin"].includes(platform());

test("a failed job frees its place", { skip: coarseTimers && "timers are too coarse" }, async () => {
  const queue = new Queue(1);
  await assert.rejects(queue.add(() => Promise.reject(new Error("no luck"))));
  assert.equal(await queue.add(async () => "next"), "next");
});
`,
    },
  },
];
