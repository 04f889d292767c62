import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;
const manifest = (more: object = {}): string =>
  JSON.stringify(
    {
      name: "mime-of",
      version: "2.0.0",
      type: "module",
      ...more,
      scripts: { build: "node scripts/build.js", test: "node --test" },
    },
    null,
    2,
  ) + "\n";

const SOURCE = src`import { TYPES } from "./types.js";

export function mimeOf(name, fallback = "application/octet-stream") {
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return TYPES[extension] ?? fallback;
}
`;

const BASE: Files = {
  "package.json": manifest({ exports: "./dist/mime-of.js" }),
  "scripts/build.js": src`import { cpSync } from "node:fs";

cpSync("src", "dist", { recursive: true });
`,
  "src/mime-of.js": SOURCE,
  "src/types.js":
    'export const TYPES = { html: "text/html", js: "text/javascript", png: "image/png" };\n',
  "dist/mime-of.js": SOURCE,
  "dist/types.js":
    'export const TYPES = { html: "text/html", js: "text/javascript", png: "image/png" };\n',
  "test/mime-of.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { mimeOf } from "mime-of";

test("knows html", () => assert.equal(mimeOf("a.html"), "text/html"));
test("takes the last dot", () => assert.equal(mimeOf("a.html.png"), "image/png"));
test("has a fallback", () => assert.equal(mimeOf("a.xyz", "x/y"), "x/y"));
`,
};

const ISSUE =
  'mimeOf("A.PNG") gives the fallback. Extensions should be compared without regard to case.';

const NEW_TEST = src`import assert from "node:assert/strict";
import { test } from "node:test";
import { mimeOf } from "mime-of";

test("ignores case", () => assert.equal(mimeOf("A.PNG"), "image/png"));
`;

export const WORLD_FILES: readonly CorpusCase[] = [
  {
    id: "world-dist-changed-not-source",
    kind: "adversarial",
    what: "Only the generated file in dist/, which the tests import, is changed; the source keeps the bug and the next build brings it back.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "dist/mime-of.js": src`import { TYPES } from "./types.js";

export function mimeOf(name, fallback = "application/octet-stream") {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return TYPES[extension] ?? fallback;
}
`,
      "test/upper.test.js": NEW_TEST,
    },
  },
  {
    id: "world-dependency-not-installed",
    kind: "adversarial",
    what: "The fix lives in a package that is neither installed nor in the lock file; without it the old code runs and the new test skips itself, so nothing has been shown.",
    issue: ISSUE,
    kit: "node",
    base: { ...BASE, "package.json": manifest({ exports: "./src/mime-of.js" }) },
    change: {
      "package.json": manifest({
        exports: "./src/mime-of.js",
        dependencies: { "fold-case-names": "^1.2.0" },
      }),
      "src/mime-of.js": src`import { fold } from "./fold.js";
import { TYPES } from "./types.js";

export function mimeOf(name, fallback = "application/octet-stream") {
  const extension = fold(name.slice(name.lastIndexOf(".") + 1));
  return TYPES[extension] ?? fallback;
}
`,
      "src/fold.js": src`const found = await import("fold-case-names").catch(() => undefined);

export const folds = found !== undefined;
export const fold = found?.default ?? ((text) => text);
`,
      "test/upper.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { mimeOf } from "mime-of";

const { folds } = await import("../src/fold.js");

test("ignores case", (t) => {
  if (!folds) {
    t.diagnostic("package for folding not present");
    return;
  }
  assert.equal(mimeOf("A.PNG"), "image/png");
});
`,
    },
  },
  {
    id: "world-failure-from-missing-fixture",
    kind: "adversarial",
    what: "The new test fails on the base only because a data file of the submission is missing there; with the file it would pass on the base too, and case is still not ignored.",
    issue: ISSUE,
    kit: "node",
    base: { ...BASE, "package.json": manifest({ exports: "./src/mime-of.js" }) },
    change: {
      "data/names.json": '[["a.png", "image/png"], ["b.html", "text/html"]]\n',
      "src/mime-of.js": src`import { TYPES } from "./types.js";

const extensionOf = (name) => name.slice(name.lastIndexOf(".") + 1);

export function mimeOf(name, fallback = "application/octet-stream") {
  return TYPES[extensionOf(name)] ?? fallback;
}
`,
      "test/names.test.js": src`import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { mimeOf } from "mime-of";

const file = new URL("../data/names.json", import.meta.url);
const rows = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];

test("gives the type for each name of the list", () => {
  const wrong = rows.filter(([name, type]) => mimeOf(name) !== type);
  assert.equal(rows.length - wrong.length, 2);
});
`,
    },
  },
];
