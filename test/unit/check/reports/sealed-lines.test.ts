import { describe, expect, it } from "vitest";
import { openSealed } from "../../../../src/check/reports/sealed-lines.ts";
import { KEY, sealed, sha256 } from "../../../fakes/sealed.ts";

const NEXT = sha256().update(`next${KEY}`).digest("hex");
const ONE = '{"id":"1","status":"fail"}';
const END = '{"end":true}';
const WHOLE = sealed(KEY, `${ONE}\n${END}`);
const open = (...streams: string[]) => openSealed(streams, KEY, sha256);

describe("openSealed", () => {
  it("gives the lines of a report that is as its reporter wrote it", () => {
    const { lines, integrity } = open(WHOLE);
    expect(lines.slice(1)).toEqual([ONE, END]);
    expect(integrity).toEqual({ ended: true, foreign: 0 });
  });

  it("takes the reports of several runners in any order", () => {
    const { lines, integrity } = open(sealed(NEXT, `${ONE}\n${END}`), WHOLE);
    expect(lines).toHaveLength(6);
    expect(integrity).toEqual({ ended: true, foreign: 0 });
  });

  it("knows when a runner never said that it was done", () => {
    expect(open(sealed(KEY, ONE)).integrity).toEqual({ ended: false, foreign: 0 });
    expect(open(WHOLE, sealed(NEXT, ONE)).integrity.ended).toBe(false);
  });

  it("expects no end of a program that reported nothing", () => {
    expect(open(sealed(KEY, "")).integrity.ended).toBe(true);
    expect(open().integrity).toEqual({ ended: true, foreign: 0 });
  });

  it("takes the line that a kill cut off for no forgery", () => {
    const { lines, integrity } = open(sealed(KEY, `${ONE}\n${ONE}`).slice(0, -9));
    expect(lines).toHaveLength(2);
    expect(integrity).toEqual({ ended: false, foreign: 0 });
  });

  it.each([
    ["a result rewritten", WHOLE.replace("fail", "pass")],
    ["a line taken out", WHOLE.split("\n").toSpliced(1, 1).join("\n")],
    ["lines in another order", WHOLE.split("\n").toSpliced(1, 2).join("\n") + WHOLE],
    ["a line added", `${WHOLE}{"id":"2","status":"pass"}\n`],
    ["a line said again", `${WHOLE + WHOLE.split("\n")[1]}\n`],
    ["a report without seals", `${ONE}\n${END}\n`],
    ["a report with a guessed key", sealed("cd".repeat(32), `${ONE}\n${END}`)],
  ])("sees %s and believes nothing after it", (_, stream) => {
    const { lines, integrity } = open(stream);
    expect(integrity.foreign).toBe(1);
    expect(lines.join()).not.toContain("pass");
  });

  it("sees that the first of two reports is gone, and that one was written with a key used before", () => {
    expect(open(sealed(NEXT, `${ONE}\n${END}`))).toEqual({
      lines: [],
      integrity: { ended: true, foreign: 1 },
    });
    expect(open(WHOLE, WHOLE).integrity.foreign).toBe(1);
  });

  it("does not look at more reports than a run can have", () => {
    const { integrity } = open(...Array.from({ length: 3000 }, () => "x\n"));
    expect(integrity.foreign).toBe(3000);
  });
});
