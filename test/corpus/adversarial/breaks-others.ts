import type { CorpusCase } from "../corpus-case.ts";
import * as argv from "../libraries/argv.ts";
import { append, contents, edit } from "../libraries/edit.ts";
import * as emitter from "../libraries/emitter.ts";
import * as ledger from "../libraries/ledger.ts";
import * as table from "../libraries/table.ts";

export const BREAKS_OTHERS: readonly CorpusCase[] = [
  {
    id: "breaks-a-test-beside",
    kind: "adversarial",
    what: "The new test passes, but listeners that are registered twice are called once now: an existing test of the same file fails on the head.",
    issue: emitter.ISSUE,
    kit: "node",
    base: emitter.BASE,
    change: {
      "lib/emitter.js": edit(emitter.BASE, "lib/emitter.js", [
        `    for (let index = 0; index < list.length; index += 1) {
      list[index].apply(this, values);
    }
    return list.length > 0;`,
        `    const current = new Set(list);
    for (const listener of current) listener.apply(this, values);
    return current.size > 0;`,
      ]),
      "test/emitter.test.js": append(
        emitter.BASE,
        "test/emitter.test.js",
        `
test("a listener that removes itself does not hide the next", () => {
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
    id: "breaks-another-test-file",
    kind: "adversarial",
    what: "The fix passes its own test file, but the command line tool now reads its options from a module that does not exist: a test in another file fails on the head.",
    issue: argv.ISSUE,
    kit: "node",
    base: argv.BASE,
    change: {
      "lib/split.js": null,
      "lib/option.js": `"use strict";

function splitOption(argument) {
  const [name, ...values] = argument.replace(/^--?/, "").split("=");
  return { name, value: values.length === 0 ? undefined : values.join("=") };
}

exports.splitOption = splitOption;
`,
      "lib/parse.js": edit(argv.BASE, "lib/parse.js", [
        `require("./split.js")`,
        `require("./option.js")`,
      ]),
      "bin/cli.js": contents(argv.BASE, "bin/cli.js")
        .replace(
          `const { parse } = require("../lib/parse.js");\n`,
          `const { parse } = require("../lib/parse.js");\nconst { splitOption } = require("../lib/options.js");\n`,
        )
        .replace(
          "parse(process.argv.slice(2))",
          "parse(process.argv.slice(2).filter((part) => splitOption(part).name))",
        ),
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
    id: "breaks-another-package",
    kind: "adversarial",
    what: "Negative amounts are right, but 0 is written without places; only the tests of another package, run by another runner, notice and fail on the head.",
    issue: ledger.ISSUE,
    kit: "workspaces",
    base: ledger.BASE,
    change: {
      "packages/money/src/money.js": edit(ledger.BASE, "packages/money/src/money.js", [
        `  const whole = Math.floor(cents / 100);
  const rest = cents % 100;
  return whole + "." + String(rest).padStart(2, "0");`,
        `  if (!cents) return "0";
  const size = Math.abs(cents);
  const text = Math.floor(size / 100) + "." + String(size % 100).padStart(2, "0");
  return cents < 0 ? "-" + text : text;`,
      ]),
      "packages/money/test/money.test.js": append(
        ledger.BASE,
        "packages/money/test/money.test.js",
        `
test("writes negative amounts", () => {
  assert.equal(formatCents(-5), "-0.05");
  assert.equal(formatCents(-1250), "-12.50");
});
`,
      ),
    },
  },
  {
    id: "breaks-a-test-that-stays-in-the-report",
    kind: "adversarial",
    what: "The widths are right, but a table without rows throws now; the existing test of it fails on the head.",
    issue: table.ISSUE,
    kit: "node",
    base: table.BASE,
    change: {
      "src/table.js": edit(table.BASE, "src/table.js", [
        "  const widths = names.map((name) => name.length);",
        `  const widths = rows
    .map((row) => row.map((cell) => String(cell).length))
    .reduce((all, row) => all.map((width, index) => Math.max(width, row[index])))
    .map((width, index) => Math.max(width, names[index].length));`,
      ]),
      "test/table.test.js": append(
        table.BASE,
        "test/table.test.js",
        String.raw`
test("a column is as wide as its longest cell", () => {
  assert.equal(renderTable(["id", "n"], [["long id", 1], ["b", 2]]), "id      | n\n--------+--\nlong id | 1\nb       | 2");
});
`,
      ),
    },
  },
];
