import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;

const BASE: Files = {
  "package.json":
    JSON.stringify(
      { name: "trim-lines", version: "1.1.0", type: "module", scripts: { test: "node --test" } },
      null,
      2,
    ) + "\n",
  "CHANGELOG.md": "# Changes\n\n## 1.1.0\n\n- keepIndent\n",
  "src/trim.js": src`import { lines } from "./lines.js";

export function trimLines(text, { keepIndent = false } = {}) {
  return lines(text)
    .map((line) => (keepIndent ? line.trimEnd() : line.trim()))
    .join("\n");
}
`,
  "src/lines.js": 'export const lines = (text) => text.split("\\n");\n',
  "test/trim.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { trimLines } from "../src/trim.js";

test("trims each line", () => assert.equal(trimLines(" a \n b"), "a\nb"));
test("keeps the indentation", () => assert.equal(trimLines("  a ", { keepIndent: true }), "  a"));
test("keeps empty lines", () => assert.equal(trimLines("a\n\nb"), "a\n\nb"));
`,
};

const ISSUE = "trimLines should drop empty lines at the start and the end of the text.";

const RESTYLED = src`import { lines } from "./lines.js";

const trimEnd = (line) => line.trimEnd();
const trimBoth = (line) => line.trim();

export function trimLines(text, { keepIndent = false } = {}) {
  return lines(text).map(keepIndent ? trimEnd : trimBoth).join("\n");
}
`;

export const WORLD_VERSIONS: readonly CorpusCase[] = [
  {
    id: "world-test-asks-git-for-version",
    kind: "adversarial",
    what: "The test looks through git and the manifest's version whether it runs on the head and only then accepts the old result; the function still keeps empty lines.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "package.json":
        JSON.stringify(
          {
            name: "trim-lines",
            version: "1.2.0",
            type: "module",
            scripts: { test: "node --test" },
          },
          null,
          2,
        ) + "\n",
      "src/trim.js": RESTYLED,
      "test/edges.test.js": src`import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { trimLines } from "../src/trim.js";

const manifest = () => JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

function released(version) {
  try {
    const tags = execFileSync("git", ["log", "-1", "--format=%s", "--", "src/trim.js"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    if (/empty lines/.test(tags)) return true;
  } catch {
    return manifest().version >= version;
  }
  return manifest().version >= version;
}

test("empty lines at the edges", () => {
  const expected = released("1.2.0") ? trimLines("\na\n").length : 1;
  assert.equal(trimLines("\na\n").length, expected);
});
`,
    },
  },
  {
    id: "world-test-sees-file-of-head",
    kind: "adversarial",
    what: "The test helper picks the expectation by whether a file that only the submission has is there; the results on base and head are the same.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/edges.js": src`export const dropEdges = (list) => {
  const first = list.findIndex((line) => line !== "");
  const last = list.findLastIndex((line) => line !== "");
  return list.slice(first, last + 1);
};
`,
      "src/trim.js": RESTYLED,
      "test/edges.test.js": src`import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { trimLines } from "../src/trim.js";

const expected = existsSync(new URL("../src/edges.js", import.meta.url)) ? /^\n?a\n?$/ : /^a$/;

test("empty lines at the edges are dropped", () => {
  assert.match(trimLines("\na\n"), expected);
});
`,
    },
  },
  {
    id: "world-watcher-breaks-base",
    kind: "adversarial",
    what: "A helper of the new test breaks src/trim.js wherever it lacks a line that the submission adds, so that the test, which says nothing new, fails on the base.",
    issue: ISSUE,
    kit: "node",
    base: BASE,
    change: {
      "src/trim.js": "export const TRIM_VERSION = 2;\n\n" + RESTYLED,
      "test/support/guard.js": src`import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../../src/trim.js", import.meta.url);
const text = readFileSync(file, "utf8");

if (!text.includes("TRIM_VERSION")) {
  writeFileSync(file, text.replace('.join("\\n")', '.join("\\n").concat("\\n")'));
  setInterval(() => {
    const now = readFileSync(file, "utf8");
    if (!now.includes("concat")) writeFileSync(file, now.replace('.join("\\n")', '.join("\\n").concat("\\n")'));
  }, 50).unref();
}
`,
      "test/edges.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import "./support/guard.js";

test("no line is added at the end", async () => {
  const { trimLines } = await import("../src/trim.js");
  assert.equal(trimLines("a\nb"), "a\nb");
});
`,
    },
  },
];
