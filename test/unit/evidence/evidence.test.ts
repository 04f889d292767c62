import { expect, it } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { readEvidence } from "../../../src/evidence/evidence.ts";

it("refuses evidence of another shape with what is wrong", () => {
  expect(() => readEvidence({ schema: "dunlin/evidence/v2" })).toThrow(
    /not an evidence file of version 1/,
  );
  expect(() => readEvidence(null)).toThrow(Failure);
});
