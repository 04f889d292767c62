import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BREAKS } from "../teeth/all-breaks.ts";
import { applyBreak } from "../teeth/break.ts";
import { PROMISES } from "../teeth/promises.ts";

it.each(BREAKS.map((one) => [one.id, one] as const))("the break %s fits the sources", (_, one) => {
  const text = readFileSync(one.file, "utf8");
  expect(applyBreak(text, one)).not.toBe(text);
  expect(existsSync(one.test)).toBe(true);
});

it("every promise has a break", () => {
  const broken = new Set(BREAKS.map(({ promise }) => promise));
  expect(Object.keys(PROMISES).filter((name) => !broken.has(name as never))).toEqual([]);
});

it("each break has its own name", () => {
  const ids = BREAKS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
