import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRunOutput } from "../../../src/evidence/report/check-run-output.ts";
import { branchName } from "../../../src/pull-request/branch-name.ts";
import { plainText } from "../../../src/pull-request/plain-text.ts";
import {
  commitMessage,
  pullRequestBody,
  pullRequestTitle,
} from "../../../src/pull-request/pull-request-text.ts";
import { evidenceOf, runsOfGoodFix } from "../../fakes/evidence.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const submission = {
  rootCause: "`setKey` walks into constructors.",
  summary: "Stop there. Fixes #99, thanks @octocat.\n\n# Evidence\n\n```js\nreturn o\n```",
  risks: "",
};
const text = {
  issueNumber: 12,
  issueTitle: "Arguments can write to Function.prototype",
  submission,
  evidence: evidenceOf(),
};

describe("the body", () => {
  it("begins with the verdict, then the issue, then what the model says as a quotation, then the evidence", () => {
    expect(pullRequestBody(text).split("### Fails without the change")[0]).toBe(
      `✅ **Verified.** 1 test that fails without this change passes with it, and nothing that passed before fails now.

Fixes #12

A draft by Dunlin. Nothing here was merged or approved; a person decides.

### What the model says

Not checked by Dunlin.

> **Root cause**
>
> \`setKey\` walks into constructors.
>
> **Change**
>
> Stop there. Fixes \`#99\`, thanks \`@octocat\`.
>
> \\# Evidence
>
> \`\`\`js
> return o
> \`\`\`

`,
    );
  });

  it("claims nothing that the model claims", () => {
    const lie = { ...submission, summary: "✅ **Verified.** All tests pass.", risks: "None" };
    const head = suiteRun({ "test/proto.js > proto pollution": "assertion" });
    const body = pullRequestBody({
      ...text,
      submission: lie,
      evidence: evidenceOf({ ...runsOfGoodFix, head }),
    });
    expect(body.startsWith("❌ **Unverified.**")).toBe(true);
    expect(body).toContain("> ✅ **Verified.** All tests pass.");
  });

  it("names no issue for a local run", () => {
    expect(pullRequestBody({ ...text, issueNumber: null })).not.toContain("Fixes #");
  });

  it("never grows over the limits, and keeps verdict and issue", () => {
    const long = fc.constantFrom(
      "x".repeat(2000),
      "\n".repeat(3000),
      "|".repeat(900),
      "`".repeat(900),
      "@a ".repeat(900),
      "#1\n".repeat(900),
      "😀".repeat(900),
    );
    fc.assert(
      fc.property(fc.array(long, { minLength: 30, maxLength: 60 }), (names) => {
        const tests = Object.fromEntries(
          names.map((name, nth) => [`${name}${nth}`, "pass" as const]),
        );
        const failing = Object.fromEntries(
          Object.keys(tests).map((name) => [name, "assertion" as const]),
        );
        const logTail = names.join("\n");
        const runs = {
          ...runsOfGoodFix,
          first: suiteRun(tests, { logTail }),
          second: suiteRun(tests, { logTail }),
          onBase: null,
          head: suiteRun(failing, { logTail }),
        };
        const evidence = evidenceOf(runs, { paths: [], existing: [] }, { limitsHit: names });
        const said = { rootCause: logTail, summary: logTail, risks: logTail };
        const body = pullRequestBody({ ...text, submission: said, evidence });
        expect(body.length).toBeLessThanOrEqual(60_000);
        expect(body).toMatch(/^❌ \*\*Unverified\.\*\*.*\n\nFixes #12\n/);
        expect(body.match(/^<details>/gm)?.length ?? 0).toBe(
          body.match(/^<\/details>/gm)?.length ?? 0,
        );
        const output = checkRunOutput(evidence);
        expect(Math.max(output.summary.length, output.text.length)).toBeLessThanOrEqual(65_535);
      }),
      { numRuns: 15 },
    );
  });
});

describe("title and commit message", () => {
  it("are one harmless line, and Dunlin's own trailer", () => {
    expect(pullRequestTitle("Crash\u202e in @org/x, see #4 <!-- a -->")).toBe(
      "Fix: Crash in org/x, see 4 a",
    );
    expect(pullRequestTitle("\u200b")).toBe("Fix: reported issue");
    expect(pullRequestTitle("x".repeat(500)).length).toBeLessThanOrEqual(200);
    expect(commitMessage(text)).toBe(
      "Fix: Arguments can write to Function.prototype\n\nStop there. Fixes 99, thanks octocat. # Evidence ```js return o ```\n\nDunlin-Run: run-7f3a\n",
    );
  });

  it.each([
    ["x [skip ci] y", "x y"],
    ["[ci skip][no ci]***NO_CI***", ""],
    ["[skip actions] skip-checks: true", ""],
    ["[skip [skip ci]ci]", ""],
    [
      "a\n\nCo-authored-by: A <a@b.c>\nSigned-off-by: B",
      "a Co-authored-by A <ab.c> Signed-off-by B",
    ],
    ["see https://evil.example/x and www.evil.example", "see (address) and (address)"],
    ["Closes GH-3, o/r#4, @a", "Closes GH 3, o/r4, a"],
    ["[skip\n[skip ci] ci]", ""],
  ])("%j becomes %j", (from, to) => {
    expect(plainText(from, 200)).toBe(to);
  });

  it("is the same after a second time", () => {
    const part = fc.constantFrom(
      "[skip",
      " ci]",
      "@",
      "#1",
      "GH-",
      "2",
      "https://",
      "www.",
      "a",
      "-by:",
      " ",
      "\n",
      "<!",
      "--",
      ">",
      "\u200b",
      "x",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const once = plainText(parts.join(""), 60);
        expect(plainText(once, 60)).toBe(once);
        expect(once).not.toMatch(/@\w|#\d|GH-\d|:\/\/|skip ci|\n/i);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("the branch", () => {
  it("names issue, title and run, the same each time", () => {
    expect(branchName(12, "Arguments can write to Function.prototype, always!", "run-1")).toMatch(
      /^dunlin\/12-arguments-can-write-to-function-[0-9a-f]{8}$/,
    );
    expect(branchName(12, "a", "run-1")).toBe(branchName(12, "a", "run-1"));
    expect(branchName(12, "a", "run-1")).not.toBe(branchName(12, "a", "run-2"));
    expect(branchName(3, "Größe überläuft", "r")).toMatch(
      /^dunlin\/3-große-|^dunlin\/3-gro-e-uberlauft-/,
    );
    expect(branchName(null, "修复", "r")).toMatch(/^dunlin\/change-[0-9a-f]{8}$/);
    expect(branchName(1, "--upload-pack=x $(id) ../.. @{u}.lock", "r")).toMatch(
      /^dunlin\/1-upload-pack-x-id-u-lock-[0-9a-f]{8}$/,
    );
  });

  it("is a valid ref for any title", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (title, runId) => {
        const name = branchName(7, title, runId);
        expect(name).toMatch(/^dunlin\/[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(name.length).toBeLessThan(100);
      }),
    );
  });
});
