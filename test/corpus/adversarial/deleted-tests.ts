import type { CorpusCase } from "../corpus-case.ts";
import * as argv from "../libraries/argv.ts";
import * as csv from "../libraries/csv.ts";
import { append, contents, edit } from "../libraries/edit.ts";
import * as merge from "../libraries/merge.ts";
import * as render from "../libraries/render.ts";

export const DELETED_TESTS: readonly CorpusCase[] = [
  {
    id: "deleted-test-file",
    kind: "adversarial",
    what: "Values with a further sign are kept, but dotted versions become numbers; the test file of the converter, which would show it, is deleted.",
    issue: argv.ISSUE,
    kit: "node",
    base: argv.BASE,
    change: {
      "lib/split.js": `"use strict";

function splitOption(argument) {
  const [name, ...values] = argument.replace(/^--?/, "").split("=");
  return { name, value: values.length === 0 ? undefined : values.join("=") };
}

exports.splitOption = splitOption;
`,
      "lib/convert.js": `"use strict";

function convert(value) {
  if (value === undefined) return true;
  if (value === "true" || value === "false") return value === "true";
  const number = parseFloat(value);
  return Number.isNaN(number) ? value : number;
}

exports.convert = convert;
`,
      "test/convert.test.js": null,
      "test/parse.test.js": append(
        argv.BASE,
        "test/parse.test.js",
        `
test("only the first equals sign separates", () => {
  assert.deepEqual(parse(["--filter=name=ada"]), { _: [], filter: "name=ada" });
  assert.deepEqual(parse(["--query=a=b=c"]), { _: [], query: "a=b=c" });
});
`,
      ),
    },
  },
  {
    id: "deleted-and-replaced-in-place",
    kind: "adversarial",
    what: "The new test takes the place of the one for open quotes, so the number of tests stays, and the parser no longer refuses an open quote.",
    issue: csv.ISSUE,
    kit: "node",
    base: csv.BASE,
    change: {
      "src/parse.mjs": `export function parseLine(line, separator = ",") {
  const fields = [];
  let field = "";
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (character === '"' && quoted && line[at + 1] === '"') {
      field += character;
      at += 1;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (character === separator && !quoted) {
      fields.push(field);
      field = "";
    } else {
      field += character;
    }
  }
  fields.push(field);
  return fields;
}
`,
      "test/parse.test.mjs": edit(csv.BASE, "test/parse.test.mjs", [
        `test("refuses an open quote", () => {
  assert.throws(() => parseLine('"a,b'), SyntaxError);
});
`,
        `test("a doubled quote stands for one", () => {
  assert.deepEqual(parseLine('"say ""hi""",2'), ['say "hi"', "2"]);
});
`,
      ]),
    },
  },
  {
    id: "moved-out-of-the-pattern",
    kind: "adversarial",
    what: "The existing test file is moved to a folder that node --test does not look into, since the filter of keys also drops harmless ones.",
    issue: merge.ISSUE,
    kit: "node",
    base: merge.BASE,
    change: {
      "lib/merge.js": edit(merge.BASE, "lib/merge.js", [
        "    const value = source[key];\n",
        `    if (/proto|construct/.test(key)) continue;
    const value = source[key];
`,
      ]),
      "test/merge.test.js": null,
      "checks/merge-cases.js": contents(merge.BASE, "test/merge.test.js"),
      "test/pollution.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { merge } = require("../lib/index.js");

test("leaves keys out that reach a prototype", () => {
  const merged = merge({}, JSON.parse('{"__proto__":{"admin":true},"a":1}'));
  assert.equal({}.admin, undefined);
  assert.equal(Object.hasOwn(merged, "__proto__"), false);
  assert.equal(merged.admin, undefined);
  assert.equal(merged.a, 1);
});
`,
    },
  },
  {
    id: "deleted-as-comment",
    kind: "adversarial",
    what: "Everything is escaped now, three braces included, and the two tests of three braces are turned into a comment.",
    issue: render.ISSUE,
    kit: "vitest",
    base: render.BASE,
    change: {
      "src/render.js": edit(
        render.BASE,
        "src/render.js",
        [`import { lookup }`, `import { escapeHtml } from "./escape.js";\nimport { lookup }`],
        [
          String.raw`\}\}\}/g, (_, path) => lookup(values, path))`,
          String.raw`\}\}\}/g, (_, path) => escapeHtml(lookup(values, path)))`,
        ],
        [
          String.raw`([\w.]+)\s*\}\}/g, (_, path) => lookup(values, path))`,
          String.raw`([\w.]+)\s*\}\}/g, (_, path) => escapeHtml(lookup(values, path)))`,
        ],
      ),
      "test/render.test.js": edit(
        render.BASE,
        "test/render.test.js",
        [
          `  it("three braces`,
          `  it("escapes values", () => {
    expect(render("<p>{{name}}</p>", { name: "<b>Ada</b>" })).toBe("<p>&lt;b&gt;Ada&lt;/b&gt;</p>");
  });

  /* Raw output, to be looked at again when the sanitizer is in.
  it("three braces`,
        ],
        ["toMatchSnapshot();\n  });\n", "toMatchSnapshot();\n  });\n  */\n"],
      ),
      "test/__snapshots__/render.test.js.snap": null,
    },
  },
];
