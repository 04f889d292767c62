import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/parse.js";

test("seconds", () => assert.equal(parse("45s"), 45));
test("minutes", () => assert.equal(parse("3m"), 180));
test("hours and minutes", () => assert.equal(parse("1h30m"), 5400));
test("refuses words", () => assert.throws(() => parse("soon"), TypeError));
test("refuses a rest", () => assert.throws(() => parse("1h!"), TypeError));
