import { describe, expect, it } from "vitest";
import { replaceReport } from "../../../src/pull-request/replace-report.ts";

const before = ["❌ Unverified.", "Why:\n\n- a gate", "### Gates\n\nblocks", "### Runs\n\nR0"];
const after = [
  "✅ Verified.",
  "### Accepted (1)\n\nby mara",
  "### Gates\n\naccepted",
  "### Runs\n\nR0",
];
const body = `${before[0]}\n\nFixes #5\n\n${before[1]}\n\n> What the model says\n\n${before[2]}\n\n${before[3]}`;
const wanted =
  "✅ Verified.\n\n### Accepted (1)\n\nby mara\n\nFixes #5\n\n> What the model says\n\n### Gates\n\naccepted\n\n### Runs\n\nR0";

describe("a description's report", () => {
  it("is brought up to date part by part; all else stays", () => {
    expect(replaceReport(body, before, after)).toBe(wanted);
    expect(replaceReport(`Mine.\r\n\r\n${body.replaceAll("\n", "\r\n")}`, before, after)).toBe(
      `Mine.\n\n${wanted}`,
    );
  });

  it("is the same after a second time", () => {
    expect(replaceReport(wanted, before, after)).toBe(wanted);
  });

  it("comes first where a person took the verdict out", () => {
    expect(replaceReport("Mine.", before, after)).toBe(
      "✅ Verified.\n\n### Accepted (1)\n\nby mara\n\nMine.",
    );
  });
});
