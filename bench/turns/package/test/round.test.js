import assert from "node:assert/strict";
import { test } from "node:test";
import { round } from "../src/round.js";

test("down", () => assert.equal(round(62, 60), 60));
test("up", () => assert.equal(round(95, 60), 120));
test("exact", () => assert.equal(round(120, 60), 120));
test("refuses a step of nothing", () => assert.throws(() => round(1, 0), RangeError));
