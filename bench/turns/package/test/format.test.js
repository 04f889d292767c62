import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../src/format.js";

test("nothing", () => assert.equal(format(0), "0s"));
test("seconds", () => assert.equal(format(45), "45s"));
test("minutes and seconds", () => assert.equal(format(185), "3m5s"));
test("whole hours", () => assert.equal(format(7200), "2h"));
test("hours and minutes", () => assert.equal(format(5400), "1h30m"));
