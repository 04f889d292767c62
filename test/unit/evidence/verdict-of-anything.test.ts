import fc from "fast-check";
import { expect, it } from "vitest";
import type { SuiteRun } from "../../../src/check/suite.ts";
import { added, changed, judged } from "../../fakes/judged.ts";
import type { Outcomes } from "../../fakes/suite-run.ts";

const outcome = fc.constantFrom(
  "pass",
  "skip",
  "assertion",
  "exception",
  "import",
  "timeout",
  "unknown",
);
const outcomes = fc.dictionary(
  fc.constantFrom(
    "t/a.js > one",
    "t/a.js > two",
    "t/new.js > bug",
    "three",
    "four",
    "t/a.js > (file)",
  ),
  outcome,
) as fc.Arbitrary<Outcomes>;
const end = fc.constantFrom(
  "exit",
  "exit",
  "exit",
  "timeout",
  "oom",
  "signal",
  "killed",
) as fc.Arbitrary<SuiteRun["end"]>;
const anyCase = fc.record({
  first: outcomes,
  second: fc.option(outcomes, { nil: undefined }),
  onBase: fc.option(outcomes, { nil: undefined }),
  head: outcomes,
  ends: fc.tuple(end, end, end, end),
  touched: fc.constantFrom(added, changed, { paths: [], existing: [] }),
});
const judgeAny = ({ first, second, onBase, head, ends, touched }: (typeof samples)[number]) =>
  judged({
    first,
    head,
    touched,
    ...(second && { second }),
    ...(onBase && { onBase }),
    facts: {
      first: { end: ends[0] },
      second: { end: ends[1] },
      onBase: { end: ends[2] },
      head: { end: ends[3] },
    },
  });
const samples = fc.sample(anyCase, { numRuns: 3000, seed: 1 });

it("are unverified with a regression, a skip, a loss or an unfinished run", () => {
  for (const sample of samples) {
    const { first, second = first, head, ends } = sample;
    const stable = Object.keys(first).filter((id) => first[id] === second[id]);
    const lost = stable.some((id) => first[id] === "pass" && head[id] !== "pass");
    const unfinished = ends[0] !== "exit" || ends[1] !== "exit" || ends[3] !== "exit";
    if (lost || unfinished)
      expect(judgeAny(sample), JSON.stringify(sample)).toMatchObject({ verdict: "unverified" });
  }
});

it("are verified only with a test seen to fail by itself without the change and to pass with it", () => {
  const verified = samples.filter((sample) => judgeAny(sample).verdict === "verified");
  expect(verified.length).toBeGreaterThan(0);
  for (const sample of verified) {
    const one = judgeAny(sample);
    const proofs = one.tests.failToPass.filter((test) => test.strength === "strong");
    expect(proofs.length).toBeGreaterThan(0);
    for (const { key, base } of proofs) {
      const id = key.file === "" ? key.name : `${key.file} > ${key.name}`;
      const before = base.run === "R0" ? sample.first : sample.onBase;
      expect(["assertion", "exception"], JSON.stringify(sample)).toContain(before?.[id]);
      expect(sample.head[id]).toBe("pass");
    }
  }
});
