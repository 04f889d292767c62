import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clockProgram } from "../../../../src/check/reporters/clock.ts";

const DAY_MS = 24 * 3_600_000;

const ASKS = `
const vm = require("vm");
const inside = vm.runInContext("[Date.now(), new Date().getTime()]", vm.createContext({}));
class Later extends Date {}
console.log(JSON.stringify({
  now: [Date.now(), new Date().getTime(), Date.parse(Date()), ...inside],
  fixed: [new Date(0).toISOString(), new Date(2020, 1, 3).getMonth(), Date.UTC(1970, 0, 2)],
  kinds: [new Date() instanceof Date, new Date().constructor === Date, new Later(5) instanceof Later, new Later(5).getTime()],
}));`;

test("the clock is ahead in every world of a program, and dates that are told stay what they are", () => {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [clock, program] = [join(folder, "clock.cjs"), join(folder, "a.cjs")];
  writeFileSync(clock, clockProgram(400 * DAY_MS));
  writeFileSync(program, ASKS);
  const before = Date.now();
  const output = execFileSync(process.execPath, ["--require", clock, program], {
    encoding: "utf8",
  });
  const { now, fixed, kinds } = JSON.parse(output);
  for (const time of now) {
    expect(time).toBeGreaterThanOrEqual(before + 400 * DAY_MS - 1000); // a text has no milliseconds
    expect(time).toBeLessThan(Date.now() + 400 * DAY_MS + 1);
  }
  expect(fixed).toEqual(["1970-01-01T00:00:00.000Z", 1, DAY_MS]);
  expect(kinds).toEqual([true, true, true, 5]);
});
