import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `A listener that removes itself makes the next one miss the event
on("tick", first) where first calls off("tick", first), then on("tick", second). emit("tick") calls first, but second
is skipped. Every listener that was registered when emit() began must be called.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "plain-emitter",
    version: "3.0.0",
    main: "index.js",
    scripts: { test: "node --test" },
  }),
  "index.js": `"use strict";
const { Emitter } = require("./lib/emitter.js");
const { once } = require("./lib/once.js");
module.exports = { Emitter, once };
`,
  "lib/emitter.js": `"use strict";

class Emitter {
  constructor() {
    this.listeners = new Map();
  }

  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, []);
    this.listeners.get(name).push(listener);
    return this;
  }

  off(name, listener) {
    const list = this.listeners.get(name) ?? [];
    const index = list.indexOf(listener);
    if (index >= 0) list.splice(index, 1);
    return this;
  }

  emit(name, ...values) {
    const list = this.listeners.get(name) ?? [];
    for (let index = 0; index < list.length; index += 1) {
      list[index].apply(this, values);
    }
    return list.length > 0;
  }

  count(name) {
    return (this.listeners.get(name) ?? []).length;
  }
}

exports.Emitter = Emitter;
`,
  "lib/once.js": `"use strict";

function once(emitter, name) {
  return new Promise((resolve) => {
    const listener = (...values) => {
      emitter.off(name, listener);
      resolve(values);
    };
    emitter.on(name, listener);
  });
}

exports.once = once;
`,
  "test/emitter.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Emitter } = require("../index.js");

test("calls listeners in order with the values", () => {
  const seen = [];
  const emitter = new Emitter();
  emitter.on("tick", (value) => seen.push("a" + value));
  emitter.on("tick", (value) => seen.push("b" + value));
  assert.equal(emitter.emit("tick", 1), true);
  assert.deepEqual(seen, ["a1", "b1"]);
});

test("a removed listener is not called", () => {
  const emitter = new Emitter();
  const listener = () => assert.fail("called");
  emitter.on("tick", listener).off("tick", listener);
  assert.equal(emitter.emit("tick"), false);
});

test("the same listener registered twice is called twice and removed once", () => {
  let calls = 0;
  const emitter = new Emitter();
  const listener = () => {
    calls += 1;
  };
  emitter.on("tick", listener).on("tick", listener);
  emitter.emit("tick");
  emitter.off("tick", listener);
  assert.equal(calls, 2);
  assert.equal(emitter.count("tick"), 1);
});
`,
  "test/once.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Emitter, once } = require("../index.js");

test("once resolves with the values and leaves no listener", async () => {
  const emitter = new Emitter();
  const promise = once(emitter, "ready");
  emitter.emit("ready", 1, 2);
  assert.deepEqual(await promise, [1, 2]);
  assert.equal(emitter.count("ready"), 0);
});
`,
};
