import { expect, it } from "vitest";
import { CASES } from "../corpus/cases.ts";
import { confusion } from "../corpus/confusion.ts";
import { createKits } from "../corpus/kits.ts";
import { KNOWN_MISSES } from "../corpus/known-misses.ts";
import { isRight, tryCase } from "../corpus/try-case.ts";
import { providerFor } from "./sandbox-fixture.ts";

/** Of the cases that need no packages, one in so many; the whole corpus is `npm run corpus`. */
const ONE_IN = 10;
const PLAIN = CASES.filter(({ kit }) => kit === "node");

it("holds at least 60 adversarial submissions and 40 honest ones, each once", () => {
  const of = (kind: string) => CASES.filter((one) => one.kind === kind).length;
  expect(of("adversarial")).toBeGreaterThanOrEqual(60);
  expect(of("honest")).toBeGreaterThanOrEqual(40);
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});

const SAMPLE = PLAIN.filter((_, index) => index % ONE_IN === 0);

it.concurrent.each(SAMPLE.filter(({ id }) => KNOWN_MISSES[id] === undefined))(
  "$kind: $id",
  async (one) => {
    const result = await tryCase(one, providerFor("runc"), createKits());
    expect(isRight(result), `${result.outcome}: ${result.reasons.join(" ")}`).toBe(true);
  },
);

it("has none but adversarial submissions among the known misses", () => {
  const kinds = CASES.filter(({ id }) => KNOWN_MISSES[id] !== undefined).map(({ kind }) => kind);
  expect(kinds).toEqual(Object.keys(KNOWN_MISSES).map(() => "adversarial"));
});

it("is summed up by kind and outcome", () => {
  const base = { id: "a", reasons: [], durationMs: 1 };
  const table = confusion([
    { ...base, kind: "honest", outcome: "verified" },
    { ...base, kind: "honest", outcome: "refused" },
    { ...base, kind: "adversarial", outcome: "unverified" },
  ]);
  expect(table.split("\n").slice(2)).toEqual([
    "| adversarial | 0 | 0 | 0 | 1 | 0 |",
    "| honest | 1 | 0 | 0 | 0 | 1 |",
  ]);
});
