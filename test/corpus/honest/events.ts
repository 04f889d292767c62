import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.1.0", ...more, scripts: { test } }, null, 2) + "\n";

export const EVENTS: readonly CorpusCase[] = [
  {
    id: "honest-emitter-test-helper",
    kind: "honest",
    what: "A listener that removes itself made the next one be skipped; tests share a new helper that records calls.",
    issue:
      "When a once() listener fires, the listener registered after it is not called for that event.",
    kit: "node",
    base: {
      "package.json": manifest("bare-emitter", "node --test test/*.test.mjs", { type: "module" }),
      "src/emitter.js": src`export class Emitter {
  #listeners = new Map();

  on(name, listener) {
    const list = this.#listeners.get(name) ?? [];
    list.push(listener);
    this.#listeners.set(name, list);
    return () => this.off(name, listener);
  }

  once(name, listener) {
    const off = this.on(name, (...values) => {
      off();
      listener(...values);
    });
    return off;
  }

  off(name, listener) {
    const list = this.#listeners.get(name) ?? [];
    const at = list.indexOf(listener);
    if (at >= 0) list.splice(at, 1);
  }

  emit(name, ...values) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...values);
  }
}
`,
      "test/emitter.test.mjs": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../src/emitter.js";

test("calls a listener with values", () => {
  const seen = [];
  const emitter = new Emitter();
  emitter.on("x", (...values) => seen.push(values));
  emitter.emit("x", 1, 2);
  assert.deepEqual(seen, [[1, 2]]);
});

test("off stops it", () => {
  const emitter = new Emitter();
  const off = emitter.on("x", () => assert.fail("called"));
  off();
  emitter.emit("x");
});

test("once is once", () => {
  let calls = 0;
  const emitter = new Emitter();
  emitter.once("x", () => (calls += 1));
  emitter.emit("x");
  emitter.emit("x");
  assert.equal(calls, 1);
});
`,
    },
    change: {
      "src/emitter.js": src`export class Emitter {
  #listeners = new Map();

  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return () => this.off(name, listener);
  }

  once(name, listener) {
    const off = this.on(name, (...values) => {
      off();
      listener(...values);
    });
    return off;
  }

  off(name, listener) {
    const list = this.#listeners.get(name) ?? [];
    const at = list.indexOf(listener);
    if (at >= 0) this.#listeners.set(name, list.toSpliced(at, 1));
  }

  emit(name, ...values) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...values);
  }
}
`,
      "test/support/recorder.mjs": src`export function recorder() {
  const calls = [];
  return { calls, listen: (label) => () => calls.push(label) };
}
`,
      "test/removal.test.mjs": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../src/emitter.js";
import { recorder } from "./support/recorder.mjs";

test("a listener after a once() listener is called for the same event", () => {
  const { calls, listen } = recorder();
  const emitter = new Emitter();
  emitter.once("x", listen("first"));
  emitter.on("x", listen("second"));
  emitter.emit("x");
  emitter.emit("x");
  assert.deepEqual(calls, ["first", "second", "second"]);
});
`,
    },
  },
];
