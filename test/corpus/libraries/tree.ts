import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Children of the last entry are drawn with a bar
draw() puts a vertical bar before the children of the last entry of a directory. There is nothing below to connect to, so
it must be blank there:
root
└── lib
    └── a.js
and not "│   └── a.js".`;

/** For jest, with a snapshot. */
export const BASE: Files = {
  "package.json": manifest({
    name: "tree-drawing",
    version: "1.0.4",
    main: "src/draw.js",
    scripts: { test: "jest --ci" },
    jest: { testEnvironment: "node" },
  }),
  "src/draw.js": String.raw`"use strict";
const { ordered } = require("./ordered.js");

function draw(node) {
  return [node.name, ...below(node, "")].join("\n");
}

function below(node, prefix) {
  const children = ordered(node.children ?? []);
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    return [prefix + (last ? "└── " : "├── ") + child.name, ...below(child, prefix + "│   ")];
  });
}

exports.draw = draw;
`,
  "src/ordered.js": `"use strict";

function ordered(children) {
  return [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
}

exports.ordered = ordered;
`,
  "test/draw.test.js": String.raw`"use strict";
const { draw } = require("../src/draw.js");

describe("draw", () => {
  it("draws a leaf", () => {
    expect(draw({ name: "root" })).toBe("root");
  });

  it("draws children in order", () => {
    expect(draw({ name: "root", children: [{ name: "b" }, { name: "a" }] })).toBe("root\n├── a\n└── b");
  });

  it("draws a directory in the middle", () => {
    const root = { name: "root", children: [{ name: "lib", children: [{ name: "a.js" }] }, { name: "z.js" }] };
    expect(draw(root)).toMatchSnapshot();
  });
});
`,
  "test/__snapshots__/draw.test.js.snap": `// Jest Snapshot v1, https://goo.gl/fbAQLP

exports[\`draw draws a directory in the middle 1\`] = \`
"root
├── lib
│   └── a.js
└── z.js"
\`;
`,
  "test/ordered.test.js": `"use strict";
const { ordered } = require("../src/ordered.js");

it("orders by name and leaves its input alone", () => {
  const list = [{ name: "b" }, { name: "a" }];
  expect(ordered(list).map((entry) => entry.name)).toEqual(["a", "b"]);
  expect(list[0].name).toBe("b");
});
`,
};
