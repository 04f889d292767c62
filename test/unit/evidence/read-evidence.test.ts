import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { expect, it } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { evidenceJsonSchema, readEvidence } from "../../../src/evidence/read-evidence.ts";
import { evidenceOf } from "../../fakes/evidence.ts";

const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

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

it("is published as a JSON Schema that is current (vitest -u writes it) and fits", async () => {
  const schema = evidenceJsonSchema();
  const file = "../../../schemas/evidence.schema.json";
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(file);
  const ajv = addFormats(new Ajv2020({ strict: false }));
  const fits = ajv.compile(schema);
  expect(fits(JSON.parse(JSON.stringify(evidenceOf())))).toBe(true);
  expect(fits({ ...evidenceOf(), verdict: "perfect" })).toBe(false);
});
