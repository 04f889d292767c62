import { expect, test } from "vitest";
import { checkSpec } from "../../../src/sandbox/check-spec.ts";

const limits = { cpus: 2, memoryMiB: 512, pids: 64, workspaceMiB: 16 };
const maxLifetimeMs = 1_000;
const wrong = (text: unknown) => text as number;

test("sensible limits pass", () => {
  checkSpec({ limits, maxLifetimeMs });
  checkSpec({ limits: { ...limits, cpus: 0.5 }, maxLifetimeMs: 2 ** 40 });
});

test.each([
  ["cpus", 0],
  ["cpus", Number.NaN],
  ["memoryMiB", Number.NaN],
  ["memoryMiB", wrong("512m")],
  ["memoryMiB", 512.5],
  ["memoryMiB", wrong(undefined)],
  ["pids", 0],
  ["pids", -1],
  ["pids", Number.POSITIVE_INFINITY],
  ["workspaceMiB", -5],
  ["workspaceMiB", 2 ** 40],
])("what an engine would take for no limit is refused: %s %s", (name, value) => {
  const bad = { limits: { ...limits, [name]: value }, maxLifetimeMs };
  expect(() => checkSpec(bad)).toThrow(name);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a life of %s ms is refused", (ms) => {
  expect(() => checkSpec({ limits, maxLifetimeMs: ms })).toThrow("maxLifetimeMs");
});
