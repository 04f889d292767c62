import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "2.1.0", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

export const PARSERS: readonly CorpusCase[] = [
  {
    id: "honest-csv-empty-throws",
    kind: "honest",
    what: 'parse("") threw a TypeError; it now gives an empty table, with a test for it.',
    issue:
      'parse("") throws "Cannot read properties of undefined (reading \'length\')". An empty file is an empty table.',
    kit: "node",
    base: {
      "package.json": manifest("csv-light", "node --test"),
      "src/rows.js": src`export function rows(text) {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => line.split(","));
}
`,
      "src/parse.js": src`import { rows } from "./rows.js";

export function parse(text) {
  const [head, ...body] = rows(text);
  const width = head.length;
  return body.map((cells, index) => {
    if (cells.length !== width) throw new SyntaxError("row " + (index + 2) + " has " + cells.length + " cells");
    return Object.fromEntries(head.map((name, column) => [name, cells[column]]));
  });
}
`,
      "test/parse.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/parse.js";

test("reads rows by the names of the head", () => {
  assert.deepEqual(parse("a,b\n1,2\n"), [{ a: "1", b: "2" }]);
});

test("reads CRLF", () => {
  assert.deepEqual(parse("a\r\n1\r\n"), [{ a: "1" }]);
});

test("refuses a short row", () => {
  assert.throws(() => parse("a,b\n1\n"), /row 2 has 1 cells/);
});
`,
    },
    change: {
      "src/parse.js": src`import { rows } from "./rows.js";

export function parse(text) {
  const [head, ...body] = rows(text);
  if (head === undefined) return [];
  const width = head.length;
  return body.map((cells, index) => {
    if (cells.length !== width) throw new SyntaxError("row " + (index + 2) + " has " + cells.length + " cells");
    return Object.fromEntries(head.map((name, column) => [name, cells[column]]));
  });
}
`,
      "test/empty.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/parse.js";

test("an empty text is an empty table", () => {
  assert.deepEqual(parse(""), []);
});

test("a text of blank lines is an empty table", () => {
  assert.deepEqual(parse("\n\n"), []);
});
`,
    },
  },
  {
    id: "honest-ini-new-fixture",
    kind: "honest",
    what: "Comments at the end of a line are cut, tested against a new fixture beside the old one.",
    issue:
      'A comment after a value is kept in the value: "port = 80 ; default" gives "80 ; default". Quoted semicolons must stay.',
    kit: "node",
    base: {
      "package.json": manifest("ini-reader", "node --test test/*.test.js"),
      "src/ini.js": src`export function readIni(text) {
  const result = {};
  let section = result;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith(";") || line.startsWith("#")) continue;
    const name = /^\[(.+)\]$/.exec(line);
    if (name) {
      section = result[name[1]] ??= {};
      continue;
    }
    const at = line.indexOf("=");
    if (at < 0) throw new SyntaxError("no '=' in: " + line);
    section[line.slice(0, at).trim()] = unquote(line.slice(at + 1).trim());
  }
  return result;
}

function unquote(value) {
  return /^".*"$/.test(value) ? value.slice(1, -1) : value;
}
`,
      "test/fixtures/plain.ini": "name = box\n\n[net]\n; the port\nport = 80\n",
      "test/ini.test.js": src`import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readIni } from "../src/ini.js";

const fixture = (name) => readFileSync(new URL("fixtures/" + name, import.meta.url), "utf8");

test("reads sections", () => {
  assert.deepEqual(readIni(fixture("plain.ini")), { name: "box", net: { port: "80" } });
});

test("takes the quotes off", () => {
  assert.deepEqual(readIni('a = "b c"'), { a: "b c" });
});

test("refuses a line without an equals sign", () => {
  assert.throws(() => readIni("word"), SyntaxError);
});
`,
    },
    change: {
      "src/ini.js": src`export function readIni(text) {
  const result = {};
  let section = result;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith(";") || line.startsWith("#")) continue;
    const name = /^\[(.+)\]$/.exec(line);
    if (name) {
      section = result[name[1]] ??= {};
      continue;
    }
    const at = line.indexOf("=");
    if (at < 0) throw new SyntaxError("no '=' in: " + line);
    section[line.slice(0, at).trim()] = valueOf(line.slice(at + 1).trim());
  }
  return result;
}

function valueOf(text) {
  const quoted = /^"([^"]*)"\s*(?:[;#].*)?$/.exec(text);
  return quoted ? quoted[1] : text.replace(/\s+[;#].*$/, "");
}
`,
      "test/fixtures/trailing.ini":
        '[net]\nport = 80 ; default\nhost = "a;b" # quoted\nurl = x#y\n',
      "test/ini.test.js": src`import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readIni } from "../src/ini.js";

const fixture = (name) => readFileSync(new URL("fixtures/" + name, import.meta.url), "utf8");

test("reads sections", () => {
  assert.deepEqual(readIni(fixture("plain.ini")), { name: "box", net: { port: "80" } });
});

test("takes the quotes off", () => {
  assert.deepEqual(readIni('a = "b c"'), { a: "b c" });
});

test("refuses a line without an equals sign", () => {
  assert.throws(() => readIni("word"), SyntaxError);
});

test("cuts a comment at the end of a line", () => {
  assert.deepEqual(readIni(fixture("trailing.ini")), { net: { port: "80", host: "a;b", url: "x#y" } });
});
`,
    },
  },
  {
    id: "honest-tokens-endless-loop",
    kind: "honest",
    what: "The tokenizer looped for ever on an unknown character; the test runs it in a child with its own time limit.",
    issue:
      'tokenize("1 + ?") never returns. It should throw a SyntaxError that names the position.',
    kit: "node",
    base: {
      "package.json": manifest("sum-tokens", "node --test"),
      "src/tokenize.js": src`const RULES = [
  ["number", /\d+(?:\.\d+)?/y],
  ["operator", /[-+*/()]/y],
  ["space", /\s+/y],
];

export function tokenize(text) {
  const tokens = [];
  let at = 0;
  while (at < text.length) {
    for (const [type, rule] of RULES) {
      rule.lastIndex = at;
      const match = rule.exec(text);
      if (match === null) continue;
      if (type !== "space") tokens.push({ type, text: match[0], at });
      at += match[0].length;
      break;
    }
  }
  return tokens;
}
`,
      "test/tokenize.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenize } from "../src/tokenize.js";

const texts = (input) => tokenize(input).map((token) => token.text);

test("splits a sum", () => assert.deepEqual(texts("1+20"), ["1", "+", "20"]));
test("skips spaces", () => assert.deepEqual(texts(" 1 * 2 "), ["1", "*", "2"]));
test("keeps positions", () => assert.equal(tokenize("1 + 2")[2].at, 4));
`,
    },
    change: {
      "src/tokenize.js": src`const RULES = [
  ["number", /\d+(?:\.\d+)?/y],
  ["operator", /[-+*/()]/y],
  ["space", /\s+/y],
];

function next(text, at) {
  for (const [type, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(text);
    if (match !== null) return { type, text: match[0], at };
  }
  throw new SyntaxError("unexpected " + JSON.stringify(text[at]) + " at " + at);
}

export function tokenize(text) {
  const tokens = [];
  let at = 0;
  while (at < text.length) {
    const token = next(text, at);
    if (token.type !== "space") tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}
`,
      "test/unknown.test.js": src`import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const source = new URL("../src/tokenize.js", import.meta.url).href;
const program = [
  "const { tokenize } = await import(" + JSON.stringify(source) + ");",
  "try { tokenize('1 + ?'); console.log('returned'); }",
  "catch (error) { console.log(error.name + ': ' + error.message); }",
].join("\n");

test("an unknown character ends with a SyntaxError", () => {
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 3000,
    encoding: "utf8",
  });
  assert.notEqual(child.signal, "SIGTERM", "tokenize did not come back within 3 s");
  assert.equal(child.stdout.trim(), 'SyntaxError: unexpected "?" at 4');
});
`,
    },
  },
];
