import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type KindView,
  nextStep,
} from "../../../../../src/sandbox/providers/docker/pool-policy.ts";

const MINUTE_MS = 60_000;
const NOW = 100 * MINUTE_MS;

function kind(name: string, wantedMinutesAgo: number, ...idleForMinutes: number[]): KindView {
  return {
    kind: name,
    wantedAtMs: NOW - wantedMinutesAgo * MINUTE_MS,
    idle: idleForMinutes.map((minutes, index) => ({
      id: `${name}${index}`,
      sinceMs: NOW - minutes * MINUTE_MS,
    })),
  };
}

test("what is asked for is made until there are enough", () => {
  expect(nextStep([kind("a", 0)], 2, NOW)).toEqual({ do: "boot", kind: "a" });
  expect(nextStep([kind("a", 0, 1)], 2, NOW)).toEqual({ do: "boot", kind: "a" });
  expect(nextStep([kind("a", 0, 1, 1)], 2, NOW)).toBeUndefined();
  expect(nextStep([], 2, NOW)).toBeUndefined();
});

test("places are dealt out, the odd one and the only one to the kind that was asked for last", () => {
  expect(nextStep([kind("a", 5, 1, 1), kind("b", 1)], 2, NOW)).toEqual({ do: "retire", id: "a0" });
  expect(nextStep([kind("a", 5, 1), kind("b", 1)], 2, NOW)).toEqual({ do: "boot", kind: "b" });
  expect(nextStep([kind("a", 5, 1), kind("b", 1, 1)], 2, NOW)).toBeUndefined();
  expect(nextStep([kind("a", 5, 1), kind("b", 1, 1)], 3, NOW)).toEqual({ do: "boot", kind: "b" });
  expect(nextStep([kind("a", 5, 1), kind("b", 1)], 1, NOW)).toEqual({ do: "retire", id: "a0" });
});

test("what nobody asks for any more goes, and what has waited too long", () => {
  expect(nextStep([kind("a", 16, 1)], 2, NOW)).toEqual({ do: "retire", id: "a0" });
  expect(nextStep([kind("a", 16)], 2, NOW)).toEqual({ do: "forget", kind: "a" });
  expect(nextStep([kind("a", 0, 1, 61)], 2, NOW)).toEqual({ do: "retire", id: "a1" });
});

test("from any state it comes to rest, with no more than its size and something of what was asked for last", () => {
  const view = fc.record({
    wantedMinutesAgo: fc.integer({ min: 0, max: 30 }),
    idle: fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 4 }),
  });
  const views = fc.array(view, { maxLength: 5 });
  fc.assert(
    fc.property(views, fc.integer({ min: 1, max: 4 }), (states, size) => {
      let kinds = states.map(({ wantedMinutesAgo, idle }, index) =>
        kind(`k${index}`, wantedMinutesAgo, ...idle),
      );
      const last = kinds
        .filter(({ wantedAtMs }) => NOW - wantedAtMs < 15 * MINUTE_MS)
        .reduce<number>((latest, { wantedAtMs }) => Math.max(latest, wantedAtMs), 0);
      for (let steps = 0; steps < 100; steps++) {
        const step = nextStep(kinds, size, NOW);
        if (step === undefined) break;
        if (step.do === "forget") kinds = kinds.filter((one) => one.kind !== step.kind);
        else
          kinds = kinds.map((one) =>
            step.do === "retire"
              ? { ...one, idle: one.idle.filter(({ id }) => id !== step.id) }
              : one.kind === step.kind
                ? { ...one, idle: [...one.idle, { id: `new${steps}`, sinceMs: NOW }] }
                : one,
          );
      }
      expect(nextStep(kinds, size, NOW)).toBeUndefined();
      const count = kinds.reduce((sum, { idle }) => sum + idle.length, 0);
      expect(count).toBe(last === 0 ? 0 : size);
      if (last > 0) {
        const latest = kinds.filter(({ wantedAtMs }) => wantedAtMs === last);
        expect(latest.some(({ idle }) => idle.length > 0)).toBe(true);
      }
    }),
  );
});
