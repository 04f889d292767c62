import { describe, expect, it } from "vitest";
import { fitBody, markerLine } from "../../../src/github/body.ts";

describe("fitBody", () => {
  it("leaves what fits", () => {
    const text = "x".repeat(65_536);
    expect(fitBody(text)).toBe(text);
  });

  it("cuts with a note, closes an open code block, and tears no character", () => {
    const cut = fitBody(`\`\`\`\n${"😀".repeat(40_000)}`);
    expect(cut.length).toBeLessThanOrEqual(65_536);
    expect(cut).toMatch(/😀\n```\n\n\[… cut: GitHub takes no more\]$/u);
    expect(cut.isWellFormed()).toBe(true);
  });
});

describe("markerLine", () => {
  it("is one comment whatever the marker holds, and another for another marker", () => {
    const line = markerLine("a --> <b> \n");
    expect(line).toMatch(/^<!-- dunlin:run=[^<>\s]+ -->$/);
    expect(line).not.toBe(markerLine("a --> <b>"));
  });
});
