import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { argumentsProgram } from "../../../../src/check/reporters/arguments.ts";

type Words = readonly string[];
type Program = {
  rewrite(
    runner: string,
    words: Words,
    folder: string,
    only?: Words,
    alone?: string,
    title?: string,
  ): Words;
  node(
    words: Words,
    folder: string,
    only?: Words,
    alone?: string,
  ): { testing: boolean; words: Words };
};

function load(): Program {
  const module = { exports: {} as Program };
  const require = createRequire(import.meta.url);
  new Function("module", "require", argumentsProgram)(module, require);
  return module.exports;
}

const { rewrite, node } = load();
const split = (text: string) => text.split(" ").filter((word) => word !== "");

describe("arguments of a runner", () => {
  it.each([
    ["mocha", "-R dot -b --timeout 5 test/*.js", "--reporter /f/mocha.cjs --timeout 5 test/*.js"],
    ["mocha", "--reporter=dot -u tdd test/a.js", "--reporter /f/mocha.cjs -u tdd test/a.js"],
    ["ts-mocha", "-p tsconfig.json a.ts", "--reporter /f/mocha.cjs -p tsconfig.json a.ts"],
    ["jest", "--bail --coverage", "--coverage --reporters=default --reporters=/f/jest.cjs"],
    ["jest", "--reporters x --watchAll src", "src --reporters=default --reporters=/f/jest.cjs"],
    ["react-scripts", "test --ci", "test --ci --reporters=default --reporters=/f/jest.cjs"],
    ["react-scripts", "build", "build"],
    [
      "vitest",
      "run --reporter=dot",
      "run --reporter=default --reporter=/f/vitest.mjs --watch=false",
    ],
    [
      "vitest",
      "watch --bail 1 src",
      "run --reporter=default --reporter=/f/vitest.mjs --watch=false src",
    ],
    ["tape", "-r x test/*.js", "-r x test/*.js"],
    [
      "ava",
      "--watch -T 5s --fail-fast test/*.js -- --flag x",
      "--no-fail-fast -T 5s test/*.js -- --flag x",
    ],
    ["uvu", "-b -r tsm tests \\.test", "-r tsm tests \\.test"],
    ["borp", "--watch -c 2", "--reporter=/f/node-test.mjs --reporter=spec -c 2"],
    ["borp", "--reporter=tap a.js", "--reporter=/f/node-test.mjs --reporter=tap a.js"],
    ["eslint", ". --fix", ". --fix"],
  ])("%s %s", (runner, before, after) => {
    expect(rewrite(runner, split(before), "/f")).toEqual(split(after));
  });

  it.each([
    ["mocha", "-R dot -u tdd test/*.js -- more.js", "--reporter /f/mocha.cjs -u tdd a.js b.js"],
    [
      "jest",
      "src -t name --testPathPattern x",
      "-t name --runTestsByPath a.js b.js --reporters=default --reporters=/f/jest.cjs",
    ],
    [
      "vitest",
      "src --config c.ts",
      "--reporter=default --reporter=/f/vitest.mjs --watch=false --config c.ts a.js b.js",
    ],
    ["tape", "-r x test/*.js", "-r x a.js b.js"],
    ["ava", "-c 2 test/*.js -- --flag", "--no-fail-fast -c 2 a.js b.js -- --flag"],
    ["uvu", "-C sub -i fix -b tests", "-i fix . ^(?:a\\.js|b\\.js)$"],
    ["borp", "-p 'test/*' -t 5", "--reporter=/f/node-test.mjs --reporter=spec -t 5 a.js b.js"],
  ])("%s %s, only some files", (runner, before, after) => {
    expect(rewrite(runner, split(before), "/f", ["a.js", "b.js"])).toEqual(split(after));
  });

  it("has tap write its results to a file of its own", () => {
    const words = rewrite("tap", split("--bail -o out.tap -R spec test/*.js"), "/f");
    expect(words).toEqual([
      expect.stringMatching(/^--output-file=\/f\/reports\/\d+\.tap$/),
      ...split("-R spec test/*.js"),
    ]);
  });
});

describe("arguments of Node", () => {
  const OURS = "--test-reporter=/f/node-test.mjs --test-reporter-destination=/f/discarded";
  it.each([
    ["--test", `${OURS} --test-reporter=spec --test-reporter-destination=stdout --test`],
    [
      "--test --test-reporter dot x.js",
      `${OURS} --test-reporter-destination=stdout --test --test-reporter dot x.js`,
    ],
    [
      "--import tsx --test --test-reporter=dot",
      `${OURS} --test-reporter-destination=stdout --import tsx --test --test-reporter=dot`,
    ],
    [
      "--test --test-reporter=lcov --test-reporter-destination=l",
      `${OURS} --test --test-reporter=lcov --test-reporter-destination=l`,
    ],
    [
      "jest.js --test-reporter=x",
      `${OURS} --test-reporter=spec --test-reporter-destination=stdout jest.js --test-reporter=x`,
    ],
  ])("%s", (before, after) => {
    expect(node(split(before), "/f").words).toEqual(split(after));
  });

  it("replaces the files of node --test only", () => {
    const testing = node(split("--test -r x t/*.js"), "/f", ["a.js"]);
    expect(testing.testing).toBe(true);
    expect(testing.words.slice(-4)).toEqual(split("--test -r x a.js"));
    expect(node(split("t.js --test"), "/f", ["a.js"]).words.slice(-2)).toEqual(
      split("t.js --test"),
    );
  });
});

describe("one test alone", () => {
  it.each([
    ["mocha", "test/*.js", "--reporter /f/mocha.cjs --grep=^a$ a.js"],
    [
      "jest",
      "",
      "--testNamePattern=^a$ --runTestsByPath a.js --reporters=default --reporters=/f/jest.cjs",
    ],
    [
      "vitest",
      "run",
      "run --reporter=default --reporter=/f/vitest.mjs --watch=false --testNamePattern=^a$ a.js",
    ],
    ["tape", "test/*.js", "a.js"],
  ])("%s", (runner, before, after) => {
    expect(rewrite(runner, split(before), "/f", ["a.js"], "^a$")).toEqual(split(after));
  });

  it("ava, by its title and not by a pattern", () => {
    const words = rewrite("ava", [], "/f", ["a.js"], "^\\s*!a \\* b$", "!a * b");
    expect(words).toEqual(["--no-fail-fast", "--match=*a * b", "a.js"]);
  });

  it("node:test", () => {
    expect(node(["--test"], "/f", ["a.js"], "^a$").words).toContain("--test-name-pattern=^a$");
    expect(node(["a.js"], "/f", ["a.js"], "^a$").words).not.toContain("--test-name-pattern=^a$");
  });
});
