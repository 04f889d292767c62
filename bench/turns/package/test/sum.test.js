import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "../src/sum.js";

test("of nothing", () => assert.equal(sum(), "0s"));
test("of two", () => assert.equal(sum("30m", "45m"), "1h15m"));
test("carries seconds over", () => assert.equal(sum("59s", "1s"), "1m"));
