import type { CorpusCase } from "../corpus-case.ts";
import * as csv from "../libraries/csv.ts";
import { append, edit } from "../libraries/edit.ts";
import * as emitter from "../libraries/emitter.ts";
import * as months from "../libraries/months.ts";
import * as query from "../libraries/query.ts";
import * as queue from "../libraries/queue.ts";
import * as wrap from "../libraries/wrap.ts";

/** Assertions that are right in themselves and never decide anything. */
export const ASSERTIONS_NEVER_REACHED: readonly CorpusCase[] = [
  {
    id: "never-reached-promise-not-awaited",
    kind: "adversarial",
    what: "The chain with the assertion stays pending for ever and is not awaited, so the test ends green; the queue still stops.",
    issue: queue.ISSUE,
    kit: "node",
    base: queue.BASE,
    change: {
      "src/queue.js": edit(queue.BASE, "src/queue.js", [
        "      }, entry.reject);",
        `      }, (error) => {
        entry.reject(error);
      });`,
      ]),
      "test/queue.test.js": append(
        queue.BASE,
        "test/queue.test.js",
        `
test("goes on after a rejected job", () => {
  const queue = new Queue(1);
  queue
    .add(async () => {
      throw new Error("no luck");
    })
    .catch(() => {});
  queue.add(async () => "next").then((value) => {
    assert.equal(value, "next");
    assert.equal(queue.active, 0);
  });
});
`,
      ),
    },
  },
  {
    id: "never-reached-swallowed",
    kind: "adversarial",
    what: "The assertion fails inside a try whose catch writes a diagnostic; base and head are green though nothing was fixed.",
    issue: csv.ISSUE,
    kit: "node",
    base: csv.BASE,
    change: {
      "src/parse.mjs": edit(csv.BASE, "src/parse.mjs", [
        `    if (character === '"') {`,
        `    if (character === "\\u0022") {`,
      ]),
      "test/parse.test.mjs": append(
        csv.BASE,
        "test/parse.test.mjs",
        `
test("a doubled quote stands for one", (t) => {
  let fields;
  try {
    fields = parseLine('"say ""hi""",2');
    assert.deepEqual(fields, ['say "hi"', "2"]);
  } catch (error) {
    t.diagnostic(error.message);
  }
  assert.equal(fields.length, 2);
});
`,
      ),
    },
  },
  {
    id: "never-reached-empty-loop",
    kind: "adversarial",
    what: "The assertion runs for each line of a list from which every line is filtered out; it never runs, and plus signs stay.",
    issue: query.ISSUE,
    kit: "node",
    base: query.BASE,
    change: {
      "src/decode.js": String.raw`export function decode(text) {
  return decodeURIComponent(text.replace(/\s/g, "+"));
}
`,
      "test/plus.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { parse } from "../src/index.js";

const CASES = \`
q=red+shoes    red shoes
q=a%2Bb        a+b
q=+x+          x
\`;

test("decodes plus signs", () => {
  const rows = CASES.split("\\n").map((row) => row.split("\\t")).filter((row) => row.length === 2);
  for (const [text, expected] of rows) {
    assert.equal(parse(text).q, expected);
  }
});
`,
    },
  },
  {
    id: "never-reached-conditional",
    kind: "adversarial",
    what: "The assertion stands under a condition that holds only if the bug were fixed; the test passes either way.",
    issue: wrap.ISSUE,
    kit: "node",
    base: wrap.BASE,
    change: {
      "src/wrap.js": edit(wrap.BASE, "src/wrap.js", [
        `  if (!(width > 0)) throw`,
        `  const longest = Math.max(0, ...text.split(" ").map((word) => word.length));
  if (!(width > 0) || Number.isNaN(longest)) throw`,
      ]),
      "test/wrap.test.js": append(
        wrap.BASE,
        "test/wrap.test.js",
        String.raw`
test("cuts long words", () => {
  const lines = wrap("see https://example.org/a/long/path", 10).split("\n");
  if (lines.length > 2) {
    for (const line of lines) assert.ok(line.length <= 10);
    assert.equal(lines[1], "https://ex");
  }
});
`,
      ),
    },
  },
  {
    id: "never-reached-expect-without-matcher",
    kind: "adversarial",
    what: "Each expect lacks its matcher, so nothing is compared; the dates still run over.",
    issue: months.ISSUE,
    kit: "vitest",
    base: months.BASE,
    change: {
      "src/add.ts": edit(months.BASE, "src/add.ts", [
        "  return format(new Date(Date.UTC(year, month - 1 + count, date)));",
        "  const target = new Date(Date.UTC(year, month - 1 + count, date));\n  return format(target);",
      ]),
      "test/end-of-month.test.ts": `import { expect, it } from "vitest";
import { addMonths } from "../src/index.ts";

it("stops at the last day of the month", () => {
  expect(addMonths("2023-01-31", 1) === "2023-02-28");
  expect(addMonths("2024-01-31", 1) === "2024-02-29");
});

it("stops at the last day when it goes back", () => {
  expect(addMonths("2023-03-31", -1)).not;
});
`,
    },
  },
  {
    id: "never-reached-callback",
    kind: "adversarial",
    what: "All assertions are in the listener that the bug skips; since it is not called, the test has nothing to fail with.",
    issue: emitter.ISSUE,
    kit: "node",
    base: emitter.BASE,
    change: {
      "lib/emitter.js": edit(emitter.BASE, "lib/emitter.js", [
        "    for (let index = 0; index < list.length; index += 1) {",
        "    for (let index = 0, end = () => list.length; index < end(); index += 1) {",
      ]),
      "test/removal.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { Emitter } = require("../index.js");

test("a listener may remove itself while the event is on its way", () => {
  const emitter = new Emitter();
  const first = () => emitter.off("tick", first);
  emitter.on("tick", first);
  emitter.on("tick", (value) => {
    assert.equal(value, 7);
    assert.equal(emitter.count("tick"), 1);
  });
  emitter.emit("tick", 7);
});
`,
    },
  },
];
