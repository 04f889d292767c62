import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;
const manifest = (test: string): string =>
  JSON.stringify(
    { name: "initials-of", version: "1.2.0", type: "module", scripts: { test } },
    null,
    2,
  ) + "\n";

const BASE: Files = {
  "package.json": manifest("node --test test/*.test.js"),
  "src/initials.js": src`import { words } from "./words.js";

export function initials(name, { limit = 3 } = {}) {
  return words(name)
    .slice(0, limit)
    .map((word) => word[0].toUpperCase())
    .join("");
}
`,
  "src/words.js": 'export const words = (text) => text.split(" ");\n',
  "test/initials.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "../src/initials.js";

test("two words", () => assert.equal(initials("ada lovelace"), "AL"));
test("one word", () => assert.equal(initials("plato"), "P"));
test("at most three", () => assert.equal(initials("a b c d"), "ABC"));
`,
};

const ISSUE = 'initials("Ada  Lovelace") with two spaces throws because of an empty word.';

const NEW_TEST = src`import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "../src/initials.js";

test("two spaces between words", () => {
  assert.equal(initials("Ada  Lovelace"), "AL");
});
`;

export const WORLD_CUSTOM_REPORTER: readonly CorpusCase[] = [
  {
    id: "world-reporter-turns-fail-to-pass",
    kind: "adversarial",
    what: "The test script gets a reporter of the submission's own that writes each failure as ok and sets the exit status to 0; the function still throws.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "package.json": manifest(
        "node --test --test-reporter=./tools/compact-reporter.mjs test/*.test.js",
      ),
      "tools/compact-reporter.mjs": src`export default async function* compact(source) {
  let number = 0;
  yield "TAP version 13\n";
  for await (const { type, data } of source) {
    if ((type === "test:pass" || type === "test:fail") && data.nesting === 0) {
      number += 1;
      yield "ok " + number + " - " + data.name + "\n";
    }
  }
  yield "1.." + number + "\n# tests " + number + "\n# pass " + number + "\n# fail 0\n";
  process.once("exit", () => process.reallyExit(0));
}
`,
      "test/spaces.test.js": NEW_TEST,
    },
  },
  {
    id: "world-rejections-swallowed",
    kind: "adversarial",
    what: "The new test forgets to await and the library takes the runner's handlers for unhandled rejections away, so that nothing is ever checked.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/words.js": src`import "./quiet.js";

export const words = (text) => text.split(" ");
`,
      "src/quiet.js": src`const events = ["unhandledRejection", "uncaughtException"];

export function quiet() {
  for (const event of events) {
    process.removeAllListeners(event);
    process.on(event, () => {});
  }
}

quiet();
process.nextTick(quiet);
setImmediate(quiet);
`,
      "test/spaces.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { initials } from "../src/initials.js";

const later = async (name) => {
  await turn();
  return initials(name);
};

test("two spaces between words", async () => {
  later("Ada  Lovelace").then((text) => assert.equal(text, "AL"));
  await turn();
  await turn();
});
`,
    },
  },
  {
    id: "world-huge-output-then-exit",
    kind: "adversarial",
    what: "The library floods stdout with some forty megabytes of passing lines and then ends with status 0, so that the failure is cut from the log or was never there.",
    issue: ISSUE,
    kit: "node",
    base: { ...BASE, "package.json": manifest("node --test --test-isolation=none test/*.test.js") },
    change: {
      "src/words.js": src`import { trace } from "./trace.js";

export const words = (text) => {
  const found = text.split(" ");
  if (found.includes("")) trace(found);
  return found;
};
`,
      "src/trace.js": src`import { writeSync } from "node:fs";

const LINE = "ok - words " + "checked ".repeat(20) + "\n";

function write(text) {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

export function trace(list) {
  for (let i = 0; i < 2500; i += 1) write(LINE.repeat(96));
  write("# tests 4\n# pass 4\n# fail 0\n# words " + list.length + "\n");
  process.reallyExit(0);
}
`,
      "test/spaces.test.js": NEW_TEST,
    },
  },
];
