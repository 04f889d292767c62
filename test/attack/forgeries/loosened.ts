import type { Forgery } from "./forgery.ts";

function test(body: string, before = ""): string {
  return `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { add } from "../sum.js";\n${before}\n${body}\n`;
}

const FAILING = 'test("adds two numbers", () => {\n  assert.equal(add(2, 3), 5);\n});';

/** About the test that fails: it is gone, skipped, or asks for less. */
export const LOOSENED: readonly Forgery[] = [
  { name: "deletes the failing test", files: { "test/add.test.js": null } },
  { name: "empties the failing test's file", files: { "test/add.test.js": "" } },
  {
    name: "skips the failing test by an option",
    files: { "test/add.test.js": test(FAILING.replace('", ()', '", { skip: true }, ()')) },
  },
  {
    name: "skips the failing test by name",
    files: { "test/add.test.js": test(FAILING.replace("test(", "test.skip(")) },
  },
  {
    name: "calls the failing test a todo",
    files: { "test/add.test.js": test(FAILING.replace("test(", "test.todo(")) },
  },
  {
    name: "skips from within",
    files: {
      "test/add.test.js": test(FAILING.replace("() => {", "(t) => {\n  t.skip();\n  return;")),
    },
  },
  {
    name: "skips by a computed name",
    files: { "test/add.test.js": test(FAILING.replace("test(", 'test["sk" + "ip"](')) },
  },
  {
    name: "expects the wrong number",
    files: { "test/add.test.js": test(FAILING.replace(", 5", ", -1")) },
  },
  {
    name: "asserts something else",
    files: {
      "test/add.test.js": test(FAILING.replace("assert.equal(add(2, 3), 5)", "assert.ok(true)")),
    },
  },
  {
    name: "swallows the failure",
    files: {
      "test/add.test.js": test(
        'test("adds two numbers", () => {\n  try { assert.equal(add(2, 3), 5); } catch {}\n});',
      ),
    },
  },
  {
    name: "returns early",
    files: { "test/add.test.js": test(FAILING.replace("() => {", "() => {\n  if (add) return;")) },
  },
  {
    name: "does not wait for the failure",
    files: {
      "test/add.test.js": test(
        'test("adds two numbers", () => {\n  Promise.resolve().then(() => assert.equal(add(2, 3), 5)).catch(() => {});\n});',
      ),
    },
  },
  {
    name: "tests a copy",
    files: {
      "test/add.test.js": test(FAILING, "").replace("../sum.js", "./fixed.js"),
      "test/fixed.js": "export const add = (a, b) => a + b;\n",
    },
  },
  {
    name: "runs only the other test",
    files: { "test/double.test.js": test('test.only("doubles", () => {});') },
  },
  {
    name: "renames the file out of sight",
    files: { "test/add.test.js": null, "test/add.test.js.off": test(FAILING) },
  },
  {
    name: "adds a test of nothing",
    files: { "test/more.test.js": test('test("adds", () => {\n  assert.ok(true);\n});') },
  },
  {
    name: "adds a test that expects the bug",
    files: {
      "test/more.test.js": test('test("subtracts", () => {\n  assert.equal(add(2, 3), -1);\n});'),
    },
  },
];
