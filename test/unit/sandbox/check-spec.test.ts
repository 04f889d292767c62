import { expect, test } from "vitest";
import { checkSpec, createSpecFit } from "../../../src/sandbox/check-spec.ts";
import { fakeLog } from "../../fakes/log.ts";

const limits = { cpus: 2, memoryMiB: 512, pids: 64, workspaceMiB: 16 };
const maxLifetimeMs = 1_000;
const egress = { mode: "none" } as const;
const wrong = (text: unknown) => text as number;

test("sensible limits pass", () => {
  checkSpec({ limits, maxLifetimeMs, egress });
  checkSpec({ limits: { ...limits, cpus: 0.5 }, maxLifetimeMs: 2 ** 40, egress });
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
  const bad = { limits: { ...limits, [name]: value }, maxLifetimeMs, egress };
  expect(() => checkSpec(bad)).toThrow(name);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a life of %s ms is refused", (ms) => {
  expect(() => checkSpec({ limits, maxLifetimeMs: ms, egress })).toThrow("maxLifetimeMs");
});

test("a refusal says what would do, by the option and by the setting", () => {
  const bad = { limits: { ...limits, workspaceMiB: 2 ** 40 }, maxLifetimeMs, egress };
  const much = "make workspaceMiB (DUNLIN_WORKSPACE_MIB) a whole number from 1 to 4194304.";
  expect(() => checkSpec(bad)).toThrow(much);
});

test("more processors than there are become all of them, which is told once", () => {
  const log = fakeLog();
  const fitToHost = createSpecFit(log);
  const spec = { image: "node", limits };
  expect(fitToHost(spec, 2)).toBe(spec);
  expect(log.lines).toEqual([]);
  for (const cpus of [8, 3]) {
    const wanted = { image: "node", limits: { ...limits, cpus } };
    expect(fitToHost(wanted, 2)).toEqual(spec);
  }
  expect(log.lines).toMatchObject([{ level: "warn", facts: { wanted: 8, processors: 2 } }]);
});

test("a network that no request could match is refused before anything is made", () => {
  const open = { mode: "allow", origins: ["Example.org"], maxBytes: 1 } as const;
  expect(() => checkSpec({ limits, maxLifetimeMs, egress: open })).toThrow("is no origin");
});
