import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Touching intervals are not joined
join([[1, 3], [3, 5]]) gives two intervals. Those that touch have to be joined: [[1, 5]].`;

/** For ava. */
export const BASE: Files = {
  "package.json": manifest({
    name: "join-intervals",
    version: "0.5.0",
    type: "module",
    exports: "./source/join.js",
    scripts: { test: "ava" },
    ava: { files: ["test/*.js"] },
  }),
  "source/join.js": `import { check } from "./check.js";

export function join(intervals) {
  const ordered = intervals.map(check).sort((a, b) => a[0] - b[0]);
  const result = [];
  for (const [from, to] of ordered) {
    const last = result.at(-1);
    if (last !== undefined && from < last[1]) {
      last[1] = Math.max(last[1], to);
    } else {
      result.push([from, to]);
    }
  }
  return result;
}
`,
  "source/check.js": `export function check([from, to]) {
  if (!(from <= to)) throw new RangeError("an interval ends before it begins");
  return [from, to];
}
`,
  "test/join.js": `import test from "ava";
import { join } from "../source/join.js";

test("overlapping intervals become one", (t) => {
  t.deepEqual(join([[1, 4], [2, 6]]), [[1, 6]]);
});

test("order does not matter", (t) => {
  t.deepEqual(join([[5, 6], [1, 2]]), [[1, 2], [5, 6]]);
});

test("an inner interval vanishes", (t) => {
  t.deepEqual(join([[1, 9], [2, 3]]), [[1, 9]]);
});

test("refuses intervals that end before they begin", (t) => {
  t.throws(() => join([[2, 1]]), { instanceOf: RangeError });
});
`,
};
