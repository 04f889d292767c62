import { expect, it } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { readEvidence } from "../../../src/evidence/read-evidence.ts";
import { evidenceOf } from "../../fakes/evidence.ts";

it("refuses evidence of another shape with what is wrong", () => {
  expect(() => readEvidence({ schema: "dunlin/evidence/v2" })).toThrow(
    /not an evidence file of version 1/,
  );
  expect(() => readEvidence(null)).toThrow(Failure);
});

it("reads older evidence of the same version, which knows less", () => {
  const { hunks: _, coverage: __, checks: ___, overrides: ____, ...older } = evidenceOf();
  expect(readEvidence(older)).toMatchObject({
    hunks: [],
    coverage: { notMeasured: "This run is older than the measurement." },
    checks: { build: null, lint: null, types: null },
    overrides: [],
  });
});
