import type { TestKey, TestResult } from "../../check/suite.ts";
import type { FailToPass, Results, Runs, Sides, TouchedTests } from "./fail-to-pass.ts";
import { byKey, failToPass, isLoadFailure, sidesOf } from "./fail-to-pass.ts";
import { type MovedTest, pairMoved } from "./moved-tests.ts";
import { isUnsteady } from "./steadiness.ts";

/** A test whose outcome on the head is worth a line; `message` is the head's failure, or empty. */
export type Change = { readonly key: TestKey; readonly message: string };

export type Counts = {
  readonly total: number;
  readonly pass: number;
  readonly fail: number;
  readonly skip: number;
};

/**
 * Every test by what became of it. `passToFail`, `passToSkip` (also a failing test that is now skipped) and `removed`
 * hold tests that stood the same way in both runs of the base. `newToPass` pass without the fix as well: no evidence.
 * `flaky` differ between the two runs of the base, or pass on the head only at times: neither proof nor regression.
 * `oldToFail` are tests as the base has them that passed there and don't with the fix.
 */
export type Classified = {
  readonly failToPass: readonly FailToPass[];
  readonly passToFail: readonly Change[];
  readonly passToSkip: readonly Change[];
  readonly removed: readonly Change[];
  readonly failToFail: readonly Change[];
  readonly newToPass: readonly Change[];
  readonly newToFail: readonly Change[];
  readonly flaky: readonly Change[];
  readonly oldToFail: readonly Change[];
  readonly passToPass: number;
  readonly counts: {
    readonly first: Counts;
    readonly second: Counts;
    readonly onBase: Counts | null;
    readonly head: Counts;
    readonly old: Counts | null;
  };
};

/** Compares the runs test by test. */
export function classify(runs: Runs, touched: TouchedTests): Classified {
  const sides = sidesOf(runs, touched);
  const moved = movedKeys(sides, touched.moved ?? []);
  const come = new Set(moved.values());
  const kinds = Map.groupBy(sides.keys, (key) => {
    if (come.has(key)) return "other"; // counted where it came from
    return moved.has(key) ? "passToPass" : kindOf(sides, key);
  });
  const changes = (kind: Kind) => (kinds.get(kind) ?? []).map((key) => changeOf(sides, key));
  return {
    failToPass: (kinds.get("failToPass") ?? []).flatMap((key) => failToPass(sides, key) ?? []),
    passToFail: changes("passToFail"),
    passToSkip: changes("passToSkip"),
    removed: changes("removed"),
    failToFail: changes("failToFail"),
    newToPass: changes("newToPass"),
    newToFail: changes("newToFail"),
    flaky: changes("flaky"),
    oldToFail: oldToFail(sides),
    passToPass: kinds.get("passToPass")?.length ?? 0,
    counts: {
      first: count(sides.first),
      second: count(sides.second),
      onBase: sides.onBase === null ? null : count(sides.onBase),
      head: count(sides.head),
      old: runs.old === null ? null : count(byKey(runs.old)),
    },
  };
}

/** Tests that passed on the base and are gone, by the one that passes on the head in their place. */
function movedKeys(sides: Sides, moves: readonly MovedTest[]): ReadonlyMap<string, string> {
  const gone = sides.keys.flatMap((id) => {
    const [first, second] = [sides.first.get(id), sides.second.get(id)];
    const passed = first?.status === "pass" && second?.status === "pass";
    return passed && !sides.head.has(id) ? [[id, first.key] as const] : [];
  });
  const come = sides.keys.flatMap((id) => {
    const head = sides.head.get(id);
    const isNew = !sides.first.has(id) && !sides.second.has(id);
    return isNew && head?.status === "pass" ? [[id, head.key] as const] : [];
  });
  return pairMoved(moves, gone, come);
}

function oldToFail(sides: Sides): readonly Change[] {
  if (sides.runs.old === null) return [];
  const old = byKey(sides.runs.old);
  return sides.keys.flatMap((key) => {
    const [first, second] = [sides.first.get(key), sides.second.get(key)];
    const now = old.get(key);
    if (first?.status !== "pass" || second?.status !== "pass" || now?.status === "pass") return [];
    return [{ key: first.key, message: now?.failure?.message ?? "It did not run." }];
  });
}

type Kind = Exclude<keyof Classified, "counts" | "oldToFail"> | "other";

const KINDS: Readonly<Record<string, Kind>> = {
  "pass to pass": "passToPass",
  "pass to fail": "passToFail",
  "pass to skip": "passToSkip",
  "pass to gone": "removed",
  "fail to pass": "newToPass",
  "fail to fail": "failToFail",
  "fail to skip": "passToSkip",
  "fail to gone": "removed",
  "skip to pass": "newToPass",
  "skip to fail": "newToFail",
  "skip to gone": "removed",
  "gone to pass": "newToPass",
  "gone to fail": "newToFail",
};

function kindOf(sides: Sides, key: string): Kind {
  const before = sides.first.get(key);
  const now = sides.head.get(key);
  const head = now?.status ?? "gone";
  if (now?.status === "pass" && isUnsteady(sides, key, now.key)) return "flaky";
  if (before?.status !== sides.second.get(key)?.status) return "flaky";
  if (failToPass(sides, key) !== undefined) return "failToPass";
  if (head === "gone" && before !== undefined && isLoadFailure(before)) return "other";
  return KINDS[`${before?.status ?? "gone"} to ${head}`] ?? "other";
}

function changeOf(sides: Sides, key: string): Change {
  const head = sides.head.get(key);
  const result = head ?? sides.first.get(key) ?? sides.second.get(key) ?? sides.onBase?.get(key);
  return {
    key: result?.key ?? { file: "", name: key, ordinal: 1 },
    message: head?.failure?.message ?? "",
  };
}

function count(results: Results): Counts {
  const of = (status: TestResult["status"]) =>
    [...results.values()].filter((result) => result.status === status).length;
  return { total: results.size, pass: of("pass"), fail: of("fail"), skip: of("skip") };
}
