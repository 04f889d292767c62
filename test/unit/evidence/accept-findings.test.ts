import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { acceptFindings, nameFindings } from "../../../src/evidence/accept-findings.ts";
import type { Evidence } from "../../../src/evidence/evidence.ts";
import type { Gate } from "../../../src/evidence/gate.ts";
import { openFindings } from "../../../src/evidence/override.ts";
import { reportParts, verdictLine } from "../../../src/evidence/report/report.ts";
import type { Runs } from "../../../src/evidence/tests/fail-to-pass.ts";
import { judge } from "../../../src/evidence/verdict.ts";
import { evidenceOf, runsOfGoodFix } from "../../fakes/evidence.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const block = (more: Partial<Gate> = {}): Gate => ({
  id: "assertions-kept",
  result: "block",
  detail: "An assertion reads differently.",
  path: "test/proto.js",
  line: 3,
  finding: null,
  ...more,
});
const who = {
  by: "mara",
  at: "2026-11-23T06:00:00.000Z",
  comment: "https://code.test/5#issuecomment-1",
};
const supersedes = "sha256:0a" as const;

/** Evidence of a good fix that these gates block, with names. */
function blocked(gates: readonly Gate[], runs: Runs = runsOfGoodFix): Evidence {
  const plain = evidenceOf(runs);
  return nameFindings({ ...plain, gates, ...judge({ ...plain, gates, runs }) }, sha256);
}
const namesOf = (evidence: Evidence) => evidence.gates.map(({ finding }) => finding ?? "");
const accept = (evidence: Evidence, findings: readonly string[], runs: Runs = runsOfGoodFix) =>
  acceptFindings(evidence, { runs }, { ...who, supersedes, findings });

describe("the name of a finding", () => {
  it("is short, the same each time, and another one for another gate, path, line or words", () => {
    const changes = [
      {},
      { id: "readable" },
      { path: "b.js" },
      { line: 4 },
      { detail: "d" },
    ] as const;
    const names = changes.map((more) => namesOf(blocked([block(more)]))[0]);
    expect(names[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(names).size).toBe(5);
    expect(namesOf(blocked([block()]))[0]).toBe(names[0]);
    expect(namesOf(blocked([block({ result: "flag" })]))).toEqual([""]);
  });

  it("is longer where somebody made two findings begin alike", () => {
    const alike = (text: string) => `sha256:${"0".repeat(10)}${sha256(text).slice(7, 61)}`;
    const evidence = nameFindings(blocked([block(), block({ line: 4 })]), alike);
    const [one = "", other = ""] = namesOf(evidence);
    expect([one.length, other.length]).toEqual([12, 12]);
    expect(one).not.toBe(other);
  });
});

describe("an accepted finding", () => {
  it("blocks no more and is shown with who accepted it and what it took the place of", () => {
    const before = blocked([block()]);
    const after = accept(before, namesOf(before));
    expect([before.verdict, after.verdict, after.supersedes]).toEqual([
      "unverified",
      "verified",
      supersedes,
    ]);
    expect(after.overrides).toEqual([
      {
        finding: namesOf(before)[0],
        gate: "assertions-kept",
        path: "test/proto.js",
        ...who,
        oldTests: [],
      },
    ]);
    expect(verdictLine(after)).toContain("People accepted 1 finding");
    const page = reportParts(after)
      .map(({ text }) => text)
      .join("\n");
    expect(page).toContain("accepted by `mara`");
    expect(page).toContain("sha256:0a");
  });

  it("leaves the others in the way", () => {
    const before = blocked([block(), block({ line: 9 })]);
    const after = accept(before, namesOf(before).slice(0, 1));
    expect(after.verdict).toBe("unverified");
    expect(openFindings(after)).toMatchObject([{ line: 9 }]);
    expect(accept(after, namesOf(before).slice(1)).verdict).toBe("verified");
  });

  it("is none that only looks like it: a flag, a pass and an unknown name stay what they are", () => {
    const before = blocked([block()]);
    expect(accept(before, ["", "00000000"]).overrides).toEqual([]);
  });

  it("excuses no regression", () => {
    const head = suiteRun({
      "test/dotted.js > dotted alias": "assertion",
      "test/proto.js > proto pollution": "pass",
    });
    const runs = { ...runsOfGoodFix, head };
    const before = blocked([block()], runs);
    const after = accept(before, namesOf(before), runs);
    expect(after.verdict).toBe("unverified");
    expect(after.reasons.map(({ id }) => id)).toEqual(["regression"]);
  });
});

describe("the base's own tests that fail as they were", () => {
  const old = suiteRun({
    "test/dotted.js > dotted alias": "pass",
    "test/proto.js > proto pollution": "assertion",
  });
  const runs = { ...runsOfGoodFix, old };

  it("are accepted with the file's last finding about old tests, and named", () => {
    const before = blocked([block(), block({ line: 9 })], runs);
    expect(before.reasons.map(({ id }) => id)).toEqual(["old-tests", "gate"]);
    const half = accept(before, namesOf(before).slice(0, 1), runs);
    expect(half.reasons.map(({ id }) => id)).toEqual(["old-tests", "gate"]);
    const after = accept(half, namesOf(before).slice(1), runs);
    expect(after.verdict).toBe("verified");
    expect(after.overrides.at(-1)?.oldTests).toMatchObject([{ name: "proto pollution" }]);
  });

  it.each([
    ["of another file", block({ path: "test/dotted.js" })],
    ["by a gate about something else", block({ id: "nothing-skipped" })],
  ])("are not accepted with a finding %s", (_what, gate) => {
    const before = blocked([gate], runs);
    const after = accept(before, namesOf(before), runs);
    expect(after.reasons.map(({ id }) => id)).toEqual(["old-tests"]);
  });
});
