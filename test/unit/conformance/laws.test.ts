import { expect, test } from "vitest";
import { LAWS } from "../../conformance/all-laws.ts";
import { LIES } from "../../conformance/broken/all-lies.ts";

const promises = Object.values(LAWS).flatMap((laws) => laws.map(({ promise }) => promise));
const broken = Object.values(LIES).flatMap((lies) => Object.keys(lies));

test("there are at least 80 laws, no two with the same promise", () => {
  expect(new Set(promises).size).toBe(promises.length);
  expect(promises.length).toBeGreaterThanOrEqual(80);
});

test("for each law there is a provider that breaks it, and for no other", () => {
  expect([...broken].sort()).toEqual([...promises].sort());
});
