import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, longest } from "../src/compare.js";

test("sorts", () => assert.deepEqual(["1h", "5m"].sort(compare), ["5m", "1h"]));
test("the longest", () => assert.equal(longest(["5m", "1h", "59s"]), "1h"));
test("none", () => assert.equal(longest([]), undefined));
