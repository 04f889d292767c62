import type { FailureReason, SuiteRun, TestKey, TestResult } from "../check/suite.ts";

/** A test that failed on the base and passes on the head: the proof, when `strength` is strong. */
export type FailToPass = {
  readonly key: TestKey;
  /** `existing` and untouched by the patch, or in a test file that the patch adds or changes. */
  readonly origin: "existing" | "added" | "changed";
  readonly strength: "strong" | "weak";
  /** How it failed without the fix, and in which run that was seen. */
  readonly base: {
    readonly run: "R0" | "R1";
    readonly reason: FailureReason;
    readonly message: string;
  };
};

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
 * `flaky` differ between the two runs of the base: neither proof nor regression.
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
  readonly passToPass: number;
  readonly counts: {
    readonly first: Counts;
    readonly second: Counts;
    readonly onBase: Counts | null;
    readonly head: Counts;
  };
};

export type Runs = {
  /** R0: the base's whole suite, twice. */
  readonly first: SuiteRun;
  readonly second: SuiteRun;
  /** R1: the base with the patch's tests, those only; null when the patch has none. */
  readonly onBase: SuiteRun | null;
  /** R2: the head's whole suite. */
  readonly head: SuiteRun;
};

/** What the patch does to files of role `test`. */
export type TouchedTests = {
  /** All of them. */
  readonly paths: readonly string[];
  /** Those that the base has too. */
  readonly existing: readonly string[];
};

/** Compares the runs test by test. */
export function classify(runs: Runs, touched: TouchedTests): Classified {
  const sides = sidesOf(runs, touched);
  const kinds = Map.groupBy(sides.keys, (key) => kindOf(sides, key));
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
    passToPass: kinds.get("passToPass")?.length ?? 0,
    counts: {
      first: count(sides.first),
      second: count(sides.second),
      onBase: sides.onBase === null ? null : count(sides.onBase),
      head: count(sides.head),
    },
  };
}

type Results = ReadonlyMap<string, TestResult>;
type Kind = Exclude<keyof Classified, "counts"> | "other";

type Sides = {
  readonly runs: Runs;
  readonly keys: readonly string[];
  readonly first: Results;
  readonly second: Results;
  readonly onBase: Results | null;
  readonly head: Results;
  readonly touched: ReadonlySet<string>;
  /** The patch changes a file that tests read (a fixture, a helper), so an untouched test proves less. */
  readonly supportChanged: boolean;
};

function sidesOf(runs: Runs, touched: TouchedTests): Sides {
  const first = byKey(runs.first);
  const second = byKey(runs.second);
  const onBase = runs.onBase === null ? null : byKey(runs.onBase);
  const head = byKey(runs.head);
  const all = [first, second, onBase ?? new Map<string, TestResult>(), head];
  const files = new Set(
    all.flatMap((results) => [...results.values()].map((result) => result.key.file)),
  );
  const told = !files.has("");
  return {
    runs,
    keys: [...new Set(all.flatMap((results) => [...results.keys()]))].toSorted(),
    first,
    second,
    onBase,
    head,
    touched: new Set(touched.paths),
    supportChanged: told
      ? touched.paths.some((path) => !files.has(path))
      : touched.existing.length > 0,
  };
}

/** One result a key; where a runner reports a test twice, the worst counts. */
function byKey(run: SuiteRun): Results {
  const worth = { pass: 0, skip: 1, fail: 2 };
  const results = new Map<string, TestResult>();
  for (const result of run.tests) {
    const key = JSON.stringify([result.key.file, result.key.name, result.key.ordinal]);
    const known = results.get(key);
    if (known === undefined || worth[result.status] > worth[known.status]) results.set(key, result);
  }
  return results;
}

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
  const head = sides.head.get(key)?.status ?? "gone";
  if (before?.status !== sides.second.get(key)?.status) return "flaky";
  if (failToPass(sides, key) !== undefined) return "failToPass";
  if (head === "gone" && before !== undefined && isLoadFailure(before)) return "other";
  return KINDS[`${before?.status ?? "gone"} to ${head}`] ?? "other";
}

const STRONG: readonly FailureReason[] = ["assertion", "exception"];
const NOT_LOADED: readonly FailureReason[] = ["import", "syntax", "missing-file", "unknown"];

/** A runner's entry for a file that could not be loaded; it goes away when the file loads. */
function isLoadFailure(result: TestResult): boolean {
  return result.status === "fail" && NOT_LOADED.includes(result.failure?.reason ?? "unknown");
}

/** The proof that a test gives, if any. A test in a file of the patch is judged by R1, any other by both R0. */
function failToPass(sides: Sides, key: string): FailToPass | undefined {
  const head = sides.head.get(key);
  if (head?.status !== "pass") return undefined;
  return isTouched(sides, head.key, key)
    ? fromPatch(sides, key, head.key)
    : fromBase(sides, key, head.key);
}

/** Where the runner doesn't tell files, R1 does: it ran the patch's files only. */
function isTouched(sides: Sides, test: TestKey, key: string): boolean {
  if (test.file !== "") return sides.touched.has(test.file);
  if (sides.touched.size === 0) return false;
  const before = sides.first.get(key)?.status;
  const seen = sides.onBase?.get(key)?.status;
  const brokenOff = sides.runs.onBase !== null && sides.runs.onBase.end !== "exit";
  return (
    before === undefined || brokenOff || seen === "fail" || (seen !== undefined && seen !== before)
  );
}

function fromBase(sides: Sides, key: string, test: TestKey): FailToPass | undefined {
  const first = failureIn(sides.runs.first, sides.first, key, test);
  const second = failureIn(sides.runs.second, sides.second, key, test);
  if (first === undefined || second === undefined) return undefined;
  const weaker = STRONG.includes(first.reason) ? second : first;
  const strong = STRONG.includes(weaker.reason) && !sides.supportChanged;
  return {
    key: test,
    origin: "existing",
    strength: strong ? "strong" : "weak",
    base: { run: "R0", ...weaker },
  };
}

/** A test's failure, or that of its file when that could not be loaded. */
function failureIn(
  run: SuiteRun,
  results: Results,
  key: string,
  test: TestKey,
): Failed | undefined {
  const result = results.get(key);
  if (result !== undefined || test.file === "") return failureOf(result);
  return failureOf(run.tests.find((other) => other.key.file === test.file && isLoadFailure(other)));
}

function fromPatch(sides: Sides, key: string, test: TestKey): FailToPass | undefined {
  const known = sides.first.has(key);
  const failure =
    failureOf(sides.onBase?.get(key)) ?? (known ? undefined : neverRan(sides, key, test));
  if (failure === undefined) return undefined;
  return {
    key: test,
    origin: known ? "changed" : "added",
    strength: STRONG.includes(failure.reason) ? "strong" : "weak",
    base: { run: "R1", ...failure },
  };
}

/** A new test that R1 didn't report although it broke off: its file could not be loaded, say. Always weak. */
function neverRan(sides: Sides, key: string, test: TestKey): Failed | undefined {
  const run = sides.runs.onBase;
  if (run === null || sides.onBase?.has(key) || (run.end === "exit" && run.exitCode === 0))
    return undefined;
  const inFile = run.tests.find(
    (result) => result.status === "fail" && result.key.file === test.file,
  );
  const reason = inFile?.failure?.reason ?? "unknown";
  const cause =
    inFile?.failure?.message ?? `the test command ended by ${run.end} before reporting it`;
  return {
    reason: run.end === "timeout" ? "timeout" : STRONG.includes(reason) ? "unknown" : reason,
    message: `didn't run: ${cause}`,
  };
}

type Failed = { readonly reason: FailureReason; readonly message: string };

function failureOf(result: TestResult | undefined): Failed | undefined {
  if (result?.status !== "fail") return undefined;
  return result.failure ?? { reason: "unknown", message: "" };
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
