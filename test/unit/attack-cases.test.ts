import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), "utf8");
const CASES = [15, 17, 18, 19, 20, 22, 23, 24, 61, 62, 63, 64, 65, 66, 67, 68, 75, 77];

const rows = [
  ...read("test/attack/README.md").matchAll(/^\| (\d+) \| .* \| (\S+) \| (.+) \|$/gm),
].map(([, number, file = "", test = ""]) => ({ number: Number(number), file, test }));

it("every attack case has a test", () => {
  expect([...new Set(rows.map(({ number }) => number))]).toEqual(CASES);
});

it.each(rows)("case $number is in $file: $test", ({ file, test }) => {
  expect(read(file)).toContain(`"${test}"`);
});
