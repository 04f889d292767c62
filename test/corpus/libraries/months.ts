import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `addMonths() runs over at the end of a month
addMonths("2023-01-31", 1) gives "2023-03-03". It should stop at the last day: "2023-02-28", and "2024-02-29" in a leap
year. Going back has the same fault: addMonths("2023-03-31", -1).`;

/** For vitest. */
export const BASE: Files = {
  "package.json": manifest({
    name: "iso-months",
    version: "1.3.0",
    type: "module",
    exports: "./src/index.ts",
    scripts: { test: "vitest run" },
  }),
  "vitest.config.ts": `import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.ts"] } });
`,
  "src/index.ts": `export { addMonths } from "./add.ts";
export { daysInMonth, isLeap } from "./calendar.ts";
`,
  "src/add.ts": `import { format, read } from "./iso.ts";

export function addMonths(day: string, count: number): string {
  const { year, month, date } = read(day);
  return format(new Date(Date.UTC(year, month - 1 + count, date)));
}
`,
  "src/calendar.ts": `export function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
`,
  "src/iso.ts": String.raw`export function read(day: string): { year: number; month: number; date: number } {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (match === null) throw new RangeError("expected YYYY-MM-DD");
  return { year: Number(match[1]), month: Number(match[2]), date: Number(match[3]) };
}

export function format(date: Date): string {
  return date.toISOString().slice(0, 10);
}
`,
  "test/add.test.ts": `import { describe, expect, it } from "vitest";
import { addMonths } from "../src/index.ts";

describe("addMonths", () => {
  it("adds within a year", () => {
    expect(addMonths("2023-01-15", 2)).toBe("2023-03-15");
  });

  it("crosses the end of the year", () => {
    expect(addMonths("2023-11-15", 3)).toBe("2024-02-15");
  });

  it("goes back", () => {
    expect(addMonths("2023-01-15", -1)).toBe("2022-12-15");
  });

  it("refuses other formats", () => {
    expect(() => addMonths("15.1.2023", 1)).toThrow(RangeError);
  });
});
`,
  "test/calendar.test.ts": `import { expect, it } from "vitest";
import { daysInMonth, isLeap } from "../src/index.ts";

it("knows leap years", () => {
  expect([2000, 2023, 2024, 2100].map(isLeap)).toEqual([true, false, true, false]);
});

it("knows the length of months", () => {
  expect(daysInMonth(2024, 2)).toBe(29);
  expect(daysInMonth(2023, 4)).toBe(30);
});
`,
};
