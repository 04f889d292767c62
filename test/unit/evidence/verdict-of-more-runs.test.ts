import { describe, expect, it } from "vitest";
import type { Case } from "../../fakes/judged.ts";
import { changed, good, judged } from "../../fakes/judged.ts";

const bug = { "t/new.js > bug": "pass" } as const;

describe("a test that is run again", () => {
  it("and passes each time is proof", () => {
    const again = (["usual", "far-east", "far-west"] as const).map(
      (world) => [world, bug] as const,
    );
    expect(
      judged({ ...good, again, onBaseVaried: { "t/new.js > bug": "assertion" } }),
    ).toMatchObject({ verdict: "verified", tests: { failToPass: [{ doubt: null }] } });
  });

  it.each<[string, Case["head"]]>([
    ["fails", { "t/new.js > bug": "assertion" }],
    ["is skipped", { "t/new.js > bug": "skip" }],
    ["doesn't appear", {}],
  ])("and %s without a difference is flaky, never proof", (_, outcome) => {
    const { verdict, tests } = judged({ ...good, again: [["usual", outcome]] });
    expect(verdict).toBe("verified_no_new_test");
    expect(tests.flaky.map(({ key }) => key.name)).toEqual(["bug"]);
  });

  it("and fails in another part of the world is weak, and says where", () => {
    const again = [
      ["usual", bug],
      ["far-west", { "t/new.js > bug": "assertion" }],
    ] as const;
    const { verdict, tests } = judged({ ...good, again });
    expect(verdict).toBe("verified_weak");
    expect(tests.failToPass).toMatchObject([
      { doubt: "it is another matter 11 hours behind UTC, in Turkish, 400 days later" },
    ]);
  });

  it("and passes without the fix in another part of the world is weak", () => {
    const { verdict, tests } = judged({ ...good, onBaseVaried: bug, again: [["usual", bug]] });
    expect(verdict).toBe("verified_weak");
    expect(tests.failToPass).toMatchObject([
      { doubt: "it is another matter 14 hours ahead of UTC, in German" },
    ]);
  });
});

describe("the base's own tests on the head", () => {
  it("that all pass change nothing", () => {
    expect(judged({ ...good, old: { "t/a.js > one": "pass" } }).verdict).toBe("verified");
  });

  it.each<[string, Case["head"]]>([
    ["fail", { "t/a.js > one": "assertion" }],
    ["don't appear", {}],
  ])("that %s are in the way of a verdict", (_, old) => {
    expect(judged({ ...good, old })).toMatchObject({
      verdict: "unverified",
      reasons: [{ id: "old-tests" }],
    });
  });

  it("that failed before may fail", () => {
    const first = { "t/a.js > one": "pass", "t/b.js > old": "assertion" } as const;
    const head = { ...first, ...bug };
    expect(judged({ ...good, first, head, old: first }).verdict).toBe("verified");
  });
});

describe("a test of the base that is gone, and passes as it was", () => {
  const first = { "t/a.js > one": "pass", "t/a.js > two": "pass" } as const;
  const proof = { "t/a.js > bug": "pass" } as const;
  const gone = {
    ...good,
    first,
    onBase: { "t/a.js > one": "pass", "t/a.js > bug": "assertion" } as const,
    touched: changed,
    old: first,
  } as const;

  it("was replaced by one that passes without the fix as well", () => {
    const renamed = { "t/a.js > one": "pass", "t/a.js > zwei": "pass" } as const;
    const onBase = { ...renamed, "t/a.js > bug": "assertion" } as const;
    expect(judged({ ...gone, onBase, head: { ...renamed, ...proof } })).toMatchObject({
      verdict: "verified",
    });
  });

  it("was deleted when only the proof stands in its file instead", () => {
    expect(judged({ ...gone, head: { "t/a.js > one": "pass", ...proof } })).toMatchObject({
      verdict: "unverified",
      reasons: [{ id: "removed" }],
    });
  });

  it("was deleted when what is new stands in another file", () => {
    const head = { "t/a.js > one": "pass", ...proof, "t/b.js > zwei": "pass" } as const;
    const onBase = { ...gone.onBase, "t/b.js > zwei": "pass" } as const;
    const touched = { paths: ["t/a.js", "t/b.js"], existing: ["t/a.js"] };
    expect(judged({ ...gone, onBase, head, touched }).reasons.map(({ id }) => id)).toContain(
      "removed",
    );
  });
});

describe("a test that passes for another reason than the code is weak", () => {
  const two = { ...good, head: { ...good.head, "t/new.js > other": "pass" } } as const;
  const onBase = { "t/new.js > bug": "assertion", "t/new.js > other": "pass" } as const;

  it("when the patch's data are enough for it", () => {
    const { verdict, tests } = judged({ ...good, onBaseData: bug });
    expect(verdict).toBe("verified_weak");
    expect(tests.failToPass).toMatchObject([
      { doubt: "it does so with the patch's data alone, without its code" },
    ]);
    expect(judged({ ...good, onBaseData: { "t/new.js > bug": "assertion" } }).verdict).toBe(
      "verified",
    );
  });

  it.each<[string, Case["head"]]>([
    ["fails", { "t/new.js > bug": "assertion" }],
    ["doesn't appear", {}],
  ])("when it %s without the tests before it", (_, outcome) => {
    const { verdict, tests } = judged({ ...two, onBase, alone: [["bug", outcome]] });
    expect(verdict).toBe("verified_weak");
    expect(tests.failToPass).toMatchObject([{ doubt: "not when it runs alone" }]);
  });

  it("but not when it passes alone, has no company, or another test was seen to stand alone", () => {
    expect(judged({ ...two, onBase, alone: [["bug", bug]] }).verdict).toBe("verified");
    expect(judged({ ...good, alone: [["bug", {}]] }).verdict).toBe("verified");
    const both = { "t/new.js > bug": "assertion", "t/new.js > other": "assertion" } as const;
    const { tests } = judged({ ...two, onBase: both, alone: [["bug", bug]] });
    expect(tests.failToPass.map(({ strength }) => strength)).toEqual(["strong", "strong"]);
  });
});
