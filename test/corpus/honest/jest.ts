import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "jest"): string =>
  JSON.stringify({ name, version: "1.0.0", scripts: { test } }, null, 2) + "\n";

export const JEST: readonly CorpusCase[] = [
  {
    id: "honest-jest-weather-mock-fetch",
    kind: "honest",
    what: "The network is handed in as jest.fn(); the unit conversion under test is real.",
    issue: 'temperature(city, { unit: "F" }) gives Celsius. The unit option is ignored.',
    kit: "jest",
    base: {
      "package.json": manifest("weather-client"),
      "src/client.js": src`const { round } = require("./round");

function createClient({ fetch }) {
  return {
    async temperature(city, { unit = "C" } = {}) {
      const response = await fetch("https://weather.example/v1/" + encodeURIComponent(city));
      if (!response.ok) throw new Error("weather service says " + response.status);
      const { celsius } = await response.json();
      return round(celsius) + " °C";
    },
  };
}

module.exports = { createClient };
`,
      "src/round.js": "exports.round = (number) => Math.round(number * 10) / 10;\n",
      "test/client.test.js": src`const { createClient } = require("../src/client");

const answer = (celsius) => jest.fn(async () => ({ ok: true, json: async () => ({ celsius }) }));

test("gives Celsius", async () => {
  await expect(createClient({ fetch: answer(12.34) }).temperature("Bern")).resolves.toBe("12.3 °C");
});

test("encodes the city", async () => {
  const fetch = answer(1);
  await createClient({ fetch }).temperature("São Paulo");
  expect(fetch).toHaveBeenCalledWith("https://weather.example/v1/S%C3%A3o%20Paulo");
});

test("passes a failure on", async () => {
  const fetch = jest.fn(async () => ({ ok: false, status: 503 }));
  await expect(createClient({ fetch }).temperature("Bern")).rejects.toThrow("503");
});
`,
    },
    change: {
      "src/client.js": src`const { round } = require("./round");

const UNITS = {
  C: (celsius) => celsius,
  F: (celsius) => celsius * 1.8 + 32,
};

function createClient({ fetch }) {
  return {
    async temperature(city, { unit = "C" } = {}) {
      const convert = UNITS[unit];
      if (convert === undefined) throw new RangeError("unknown unit " + unit);
      const response = await fetch("https://weather.example/v1/" + encodeURIComponent(city));
      if (!response.ok) throw new Error("weather service says " + response.status);
      const { celsius } = await response.json();
      return round(convert(celsius)) + " °" + unit;
    },
  };
}

module.exports = { createClient };
`,
      "test/unit.test.js": src`const { createClient } = require("../src/client");

const fetch = jest.fn(async () => ({ ok: true, json: async () => ({ celsius: 21.5 }) }));

test("gives Fahrenheit", async () => {
  await expect(createClient({ fetch }).temperature("Bern", { unit: "F" })).resolves.toBe("70.7 °F");
});

test("refuses another unit", async () => {
  await expect(createClient({ fetch }).temperature("Bern", { unit: "X" })).rejects.toThrow(RangeError);
});
`,
    },
  },
  {
    id: "honest-jest-tree-snapshot",
    kind: "honest",
    what: "A snapshot is added for the new branch characters; the two snapshots that were there are unchanged.",
    issue:
      "The last child of a folder should be drawn with a corner; nested levels below it must not draw the line on.",
    kit: "jest",
    base: {
      "package.json": manifest("draw-tree", "jest --ci"),
      "lib/draw.js": src`function draw(node, prefix = "") {
  const lines = [];
  for (const [name, child] of Object.entries(node)) {
    lines.push(prefix + "├─ " + name);
    if (child !== null) lines.push(...draw(child, prefix + "│  "));
  }
  return lines;
}

module.exports = (root) => draw(root).join("\n");
`,
      "__tests__/draw.test.js": src`const draw = require("../lib/draw");

test("draws nothing for an empty folder", () => expect(draw({})).toBe(""));

test("has one line for each entry", () => {
  expect(draw({ a: { b: null }, c: null }).split("\n")).toHaveLength(3);
});

test("keeps names", () => {
  expect(draw({ a: { b: null }, c: null }).match(/\w/g)).toMatchSnapshot();
});
`,
      "__tests__/__snapshots__/draw.test.js.snap":
        '// Jest Snapshot v1, https://goo.gl/fbAQLP\n\nexports[`keeps names 1`] = `\n[\n  "a",\n  "b",\n  "c",\n]\n`;\n',
    },
    change: {
      "lib/draw.js": src`function draw(node, prefix = "") {
  const lines = [];
  const entries = Object.entries(node);
  for (const [index, [name, child]] of entries.entries()) {
    const last = index === entries.length - 1;
    lines.push(prefix + (last ? "└─ " : "├─ ") + name);
    if (child !== null) lines.push(...draw(child, prefix + (last ? "   " : "│  ")));
  }
  return lines;
}

module.exports = (root) => draw(root).join("\n");
`,
      "__tests__/draw.test.js": src`const draw = require("../lib/draw");

test("draws nothing for an empty folder", () => expect(draw({})).toBe(""));

test("has one line for each entry", () => {
  expect(draw({ a: { b: null }, c: null }).split("\n")).toHaveLength(3);
});

test("keeps names", () => {
  expect(draw({ a: { b: null }, c: null }).match(/\w/g)).toMatchSnapshot();
});

test("draws corners", () => {
  expect(draw({ a: { b: null, c: null }, d: { e: null } })).toMatchSnapshot();
});
`,
      "__tests__/__snapshots__/draw.test.js.snap":
        '// Jest Snapshot v1, https://goo.gl/fbAQLP\n\nexports[`draws corners 1`] = `\n"├─ a\n│  ├─ b\n│  └─ c\n└─ d\n   └─ e"\n`;\n\nexports[`keeps names 1`] = `\n[\n  "a",\n  "b",\n  "c",\n]\n`;\n',
    },
  },
  {
    id: "honest-jest-plural-each",
    kind: "honest",
    what: "Words on -y after a vowel; a test.each table grows by rows of which some fail on the base.",
    issue: 'plural("day") gives "daies". Only a y after a consonant becomes -ies.',
    kit: "jest",
    base: {
      "package.json": manifest("plural-en"),
      "plural.js": src`const { IRREGULAR } = require("./irregular");

module.exports = function plural(word, count = 2) {
  if (count === 1) return word;
  if (word in IRREGULAR) return IRREGULAR[word];
  if (/(?:s|x|z|ch|sh)$/.test(word)) return word + "es";
  if (word.endsWith("y")) return word.slice(0, -1) + "ies";
  return word + "s";
};
`,
      "irregular.js": 'exports.IRREGULAR = { child: "children", mouse: "mice" };\n',
      "plural.test.js": src`const plural = require("./plural");

test.each([["cat", "cats"], ["box", "boxes"], ["city", "cities"], ["mouse", "mice"]])("%s -> %s", (one, many) => {
  expect(plural(one)).toBe(many);
});

test("one stays", () => expect(plural("cat", 1)).toBe("cat"));
`,
    },
    change: {
      "plural.js": src`const { IRREGULAR } = require("./irregular");

module.exports = function plural(word, count = 2) {
  if (count === 1) return word;
  if (word in IRREGULAR) return IRREGULAR[word];
  if (/(?:s|x|z|ch|sh)$/.test(word)) return word + "es";
  if (/[^aeiou]y$/.test(word)) return word.slice(0, -1) + "ies";
  return word + "s";
};
`,
      "plural.test.js": src`const plural = require("./plural");

test.each([
  ["cat", "cats"],
  ["box", "boxes"],
  ["city", "cities"],
  ["mouse", "mice"],
  ["day", "days"],
  ["key", "keys"],
  ["toy", "toys"],
])("%s -> %s", (one, many) => {
  expect(plural(one)).toBe(many);
});

test("one stays", () => expect(plural("cat", 1)).toBe("cat"));
`,
    },
  },
  {
    id: "honest-jest-path-throws",
    kind: "honest",
    what: "get() threw on null in the middle of a path; the fix splits the path in a new module on the way.",
    issue:
      'get({ a: null }, "a.b", 1) throws "Cannot read properties of null". It should return the default.',
    kit: "jest",
    base: {
      "package.json": manifest("deep-get"),
      "index.js": src`exports.get = function get(object, path, fallback) {
  let value = object;
  for (const key of path.replace(/\[(\d+)\]/g, ".$1").split(".")) {
    if (value === undefined) return fallback;
    value = value[key];
  }
  return value === undefined ? fallback : value;
};
`,
      "__tests__/get.js": src`const { get } = require("..");

describe("get", () => {
  it("goes down", () => expect(get({ a: { b: 1 } }, "a.b")).toBe(1));
  it("goes into lists", () => expect(get({ a: [1, 2] }, "a[1]")).toBe(2));
  it("has a default", () => expect(get({}, "a.b", 5)).toBe(5));
  it("keeps null at the end", () => expect(get({ a: null }, "a", 5)).toBeNull());
});
`,
    },
    change: {
      "lib/path.js": src`exports.toKeys = (path) => path.replace(/\[(\d+)\]/g, ".$1").split(".");
`,
      "index.js": src`const { toKeys } = require("./lib/path");

exports.get = function get(object, path, fallback) {
  let value = object;
  for (const key of toKeys(path)) {
    if (value === undefined || value === null) return fallback;
    value = value[key];
  }
  return value === undefined ? fallback : value;
};
`,
      "__tests__/get.js": src`const { get } = require("..");

describe("get", () => {
  it("goes down", () => expect(get({ a: { b: 1 } }, "a.b")).toBe(1));
  it("goes into lists", () => expect(get({ a: [1, 2] }, "a[1]")).toBe(2));
  it("has a default", () => expect(get({}, "a.b", 5)).toBe(5));
  it("keeps null at the end", () => expect(get({ a: null }, "a", 5)).toBeNull());
  it("has a default behind null", () => {
    expect(get({ a: null }, "a.b", 1)).toBe(1);
    expect(get(null, "a", 1)).toBe(1);
  });
});
`,
    },
  },
];
