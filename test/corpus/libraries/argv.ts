import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Values with an equals sign are cut
parse(["--filter=name=ada"]) gives { filter: "name" }. Only the first equals sign separates, so it must be
{ filter: "name=ada" }, also for --query=a=b=c and for an alias such as -f=a=b.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "mini-argv",
    version: "1.1.3",
    main: "lib/parse.js",
    bin: { "mini-argv": "bin/cli.js" },
    scripts: { test: "node --test" },
  }),
  "bin/cli.js": `#!/usr/bin/env node
"use strict";
const { parse } = require("../lib/parse.js");
process.stdout.write(JSON.stringify(parse(process.argv.slice(2))) + "\\n");
`,
  "lib/parse.js": `"use strict";
const { convert } = require("./convert.js");
const { splitOption } = require("./split.js");

function parse(args, aliases = {}) {
  const result = { _: [] };
  for (const argument of args) {
    if (!argument.startsWith("-")) {
      result._.push(argument);
      continue;
    }
    const { name, value } = splitOption(argument);
    result[aliases[name] ?? name] = convert(value);
  }
  return result;
}

exports.parse = parse;
`,
  "lib/split.js": `"use strict";

function splitOption(argument) {
  const [name, value] = argument.replace(/^--?/, "").split("=");
  return { name, value };
}

exports.splitOption = splitOption;
`,
  "lib/convert.js": String.raw`"use strict";

function convert(value) {
  if (value === undefined) return true;
  if (value === "true" || value === "false") return value === "true";
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value;
}

exports.convert = convert;
`,
  "test/parse.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { parse } = require("../lib/parse.js");

test("reads flags, values and the rest", () => {
  assert.deepEqual(parse(["--dry", "--level=3", "file.txt"]), { _: ["file.txt"], dry: true, level: 3 });
});

test("knows aliases", () => {
  assert.deepEqual(parse(["-v"], { v: "verbose" }), { _: [], verbose: true });
});

test("an empty value is an empty string", () => {
  assert.deepEqual(parse(["--name="]), { _: [], name: "" });
});
`,
  "test/convert.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { convert } = require("../lib/convert.js");

test("numbers, also negative and with fractions", () => {
  assert.equal(convert("-2.5"), -2.5);
});

test("versions stay strings", () => {
  assert.equal(convert("1.2.3"), "1.2.3");
});
`,
  "test/cli.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const path = require("node:path");

test("the command prints JSON", () => {
  const cli = path.join(__dirname, "../bin/cli.js");
  const output = execFileSync(process.execPath, [cli, "--level=3", "x"], { encoding: "utf8" });
  assert.deepEqual(JSON.parse(output), { _: ["x"], level: 3 });
});
`,
};
