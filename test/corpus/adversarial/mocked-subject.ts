import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as limiter from "../libraries/limiter.ts";
import * as lru from "../libraries/lru.ts";
import * as queue from "../libraries/queue.ts";
import * as render from "../libraries/render.ts";
import * as textstat from "../libraries/textstat.ts";
import * as tree from "../libraries/tree.ts";

/** The tests exercise a double of the code that is to be fixed. */
export const MOCKED_SUBJECT: readonly CorpusCase[] = [
  {
    id: "mocked-method-of-the-subject",
    kind: "adversarial",
    what: "The test replaces the limiter's refill() by a right one and then finds it right; the library itself is unchanged in effect.",
    issue: limiter.ISSUE,
    kit: "node",
    base: limiter.BASE,
    change: {
      "src/limiter.js": edit(limiter.BASE, "src/limiter.js", [
        "    this.tokens += ((now - this.last) / 1000) * this.perSecond;",
        "    const elapsed = (now - this.last) / 1000;\n    this.tokens += elapsed * this.perSecond;",
      ]),
      "test/limiter.test.js": edit(limiter.BASE, "test/limiter.test.js", [
        `import test from "node:test";`,
        `import test, { mock } from "node:test";`,
      ]).concat(`
test("an idle limiter holds no more than its capacity", (t) => {
  const clock = fakeClock();
  const limiter = new Limiter({ capacity: 5, perSecond: 1, clock });
  const refill = mock.method(Limiter.prototype, "refill", function () {
    const elapsed = clock.now() - this.last;
    this.tokens = Math.min(this.capacity, this.tokens + (elapsed / 1000) * this.perSecond);
    this.last = clock.now();
  });
  t.after(() => refill.mock.restore());
  clock.advance(60_000);
  assert.equal(limiter.available(), 5);
  assert.equal(limiter.take(6), false);
});
`),
    },
  },
  {
    id: "mocked-by-patched-prototype",
    kind: "adversarial",
    what: "The support file that the test script preloads patches Lru.prototype.get, so that only under test a read refreshes the entry.",
    issue: lru.ISSUE,
    kit: "node",
    base: lru.BASE,
    change: {
      "support/setup.js": `import { Lru } from "../src/lru.js";

process.on("unhandledRejection", (reason) => {
  throw reason;
});

const { get } = Lru.prototype;
Lru.prototype.get = function (key) {
  const value = get.call(this, key);
  if (this.has(key)) this.set(key, value);
  return value;
};
`,
      "test/lru.test.js": edit(lru.BASE, "test/lru.test.js", [
        `  it("refuses a capacity`,
        `  it("get refreshes", () => {
    const cache = new Lru({ capacity: 2 });
    cache.set("a", 1).set("b", 2);
    cache.get("a");
    cache.set("c", 3);
    assert.deepEqual(cache.keys(), ["a", "c"]);
  });

  it("refuses a capacity`,
      ]),
    },
  },
  {
    id: "mocked-module-of-the-subject",
    kind: "adversarial",
    what: "mock.module puts another queue in the place of the faulty one; the test passes with it and says nothing of src/queue.js.",
    issue: queue.ISSUE,
    kit: "node",
    base: queue.BASE,
    change: {
      "src/map.js": `import { Queue } from "./queue.js";

export function mapLimited(items, concurrency, work) {
  const queue = new Queue(concurrency);
  return Promise.all(items.map((item) => queue.add(() => work(item))));
}

export function settleLimited(items, concurrency, work) {
  const queue = new Queue(concurrency);
  return Promise.allSettled(items.map((item) => queue.add(() => work(item))));
}
`,
      "test/settle.test.js": `import test, { mock } from "node:test";
import assert from "node:assert/strict";

test("a failed job does not stop those behind it", async () => {
  let chain = Promise.resolve();
  class Queue {
    add(job) {
      const result = chain.then(job);
      chain = result.catch(() => {});
      return result;
    }
  }
  mock.module(import.meta.resolve("../src/queue.js"), { namedExports: { Queue } });
  const { settleLimited } = await import("../src/map.js");
  const results = await settleLimited([1, 2, 3], 1, async (item) => {
    if (item === 1) throw new Error("no luck");
    return item;
  });
  assert.deepEqual(results.map((result) => result.status), ["rejected", "fulfilled", "fulfilled"]);
});
`,
    },
  },
  {
    id: "mocked-module-vitest",
    kind: "adversarial",
    what: "vi.mock replaces render() by a wrapper that escapes the values first; the real function still puts them in unescaped.",
    issue: render.ISSUE,
    kit: "vitest",
    base: render.BASE,
    change: {
      "src/render.js": edit(render.BASE, "src/render.js", [
        `import { lookup } from "./lookup.js";\n`,
        `import { lookup } from "./lookup.js";\n\nexport { escapeHtml } from "./escape.js";\n`,
      ]),
      "test/escaping.test.js": `import { expect, it, vi } from "vitest";
import { render } from "../src/render.js";

vi.mock("../src/render.js", async (importOriginal) => {
  const { render: inner } = await importOriginal();
  const { escapeHtml } = await import("../src/escape.js");
  return {
    render: (template, values) =>
      inner(template, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]))),
  };
});

it("escapes values", () => {
  expect(render("<p>{{name}}</p>", { name: "<b>Ada</b>" })).toBe("<p>&lt;b&gt;Ada&lt;/b&gt;</p>");
});
`,
    },
  },
  {
    id: "mocked-module-jest",
    kind: "adversarial",
    what: "jest.mock gives draw() a fixed answer, which the test then compares with the same text; nothing is drawn.",
    issue: tree.ISSUE,
    kit: "jest",
    base: tree.BASE,
    change: {
      "src/draw.js": edit(
        tree.BASE,
        "src/draw.js",
        [
          `const { ordered } = require("./ordered.js");`,
          `const { ordered } = require("./ordered.js");\n\nconst BAR = "│   ";`,
        ],
        [`prefix + "│   ")`, "prefix + BAR)"],
      ),
      "test/last.test.js": String.raw`"use strict";
const { draw } = require("../src/draw.js");

const EXPECTED = ["root", "└── lib", "    └── a.js"].join("\n");

jest.mock("../src/draw.js", () => ({
  ...jest.requireActual("../src/draw.js"),
  draw: jest.fn(),
}));

beforeEach(() => {
  draw.mockReturnValue(EXPECTED);
});

it("leaves the place below the last entry blank", () => {
  const root = { name: "root", children: [{ name: "lib", children: [{ name: "a.js" }] }] };
  expect(draw(root)).toBe(EXPECTED);
  expect(draw).toHaveBeenCalledWith(root);
});
`,
    },
  },
  {
    id: "mocked-pattern-pytest",
    kind: "adversarial",
    what: "A fixture replaces the module's pattern by the right one; the package still ships the wrong one.",
    issue: textstat.ISSUE,
    kit: "pytest",
    base: textstat.BASE,
    change: {
      "src/textstat_mini/words.py": edit(textstat.BASE, "src/textstat_mini/words.py", [
        "def word_count(text: str) -> int:\n    return",
        `def word_count(text: str) -> int:\n    """Counts the words of a text; an apostrophe inside a word belongs to it."""\n    return`,
      ]),
      "tests/conftest.py": String.raw`import re

import pytest

from textstat_mini import words as module


@pytest.fixture
def english(monkeypatch):
    import sys

    words = sys.modules["textstat_mini.words"]
    monkeypatch.setattr(words, "WORD", re.compile(r"[^\W_]+(?:'[^\W_]+)*"))
    return module
`,
      "tests/test_words.py": append(
        textstat.BASE,
        "tests/test_words.py",
        `

def test_apostrophes(english):
    assert word_count("don't stop") == 2
    assert longest_word("don't") == "don't"
`,
      ),
    },
  },
];
