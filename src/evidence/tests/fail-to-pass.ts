import { WHOLE_FILE } from "../../check/reports/reported-test.ts";
import type { FailureReason, SuiteRun, TestKey, TestResult } from "../../check/suite.ts";
import type { Repeat } from "../runs/targeted.ts";
import type { MovedTest } from "./moved-tests.ts";
import {
  keyText,
  needsDataOnly,
  needsOthers,
  type Repeated,
  variationThatMatters,
} from "./steadiness.ts";
import { isNamed, type WeakTest } from "./weak-tests.ts";

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
  /** Why it is weak however it failed on the base, in words that continue "it passes, but"; null when it isn't. */
  readonly doubt: string | null;
};

export type Runs = {
  /** R0: the base's whole suite, twice. */
  readonly first: SuiteRun;
  readonly second: SuiteRun;
  /** R1: the base with the patch's tests, those only; null when the patch has none. */
  readonly onBase: SuiteRun | null;
  /** The same in another part of the world. */
  readonly onBaseVaried: SuiteRun | null;
  /** With what the patch changes beside code; null when that is nothing more. */
  readonly onBaseData: SuiteRun | null;
  /** R2: the head's whole suite. */
  readonly head: SuiteRun;
  /** R3: tests that matter, on the head again. */
  readonly again: readonly Repeat[];
  /** R3 as well: single tests without the others of their file. */
  readonly alone: readonly { readonly key: TestKey; readonly suite: SuiteRun }[];
  /** R4: the head with the tests as the base has them; null when it wasn't called for. */
  readonly old: SuiteRun | null;
};

/** What the patch does to files of role `test`. */
export type TouchedTests = {
  /** All of them. */
  readonly paths: readonly string[];
  /** Those that the base has too. */
  readonly existing: readonly string[];
  /** Tests that only moved. */
  readonly moved?: readonly MovedTest[];
  /** Tests of which their text says that they prove little. */
  readonly weak?: readonly WeakTest[];
};

export type Results = ReadonlyMap<string, TestResult>;
/** The runs by key, and what decides which of them proves something. */
export type Sides = Repeated & {
  readonly runs: Runs;
  readonly keys: readonly string[];
  readonly first: Results;
  readonly second: Results;
  readonly head: Results;
  readonly notLoaded: {
    readonly first: ReadonlyMap<string, Failed>;
    readonly second: ReadonlyMap<string, Failed>;
    readonly onBase: ReadonlyMap<string, Failed>;
  };
  readonly touched: ReadonlySet<string>;
  /** The patch changes a file that tests read (a fixture, a helper), so an untouched test proves less. */
  readonly supportChanged: boolean;
  readonly weak: readonly WeakTest[];
};

export function sidesOf(runs: Runs, touched: TouchedTests): Sides {
  const first = byKey(runs.first);
  const second = byKey(runs.second);
  const onBase = runs.onBase === null ? null : byKey(runs.onBase);
  const head = byKey(runs.head);
  const onBaseVaried = runs.onBaseVaried === null ? null : byKey(runs.onBaseVaried);
  const again = runs.again.map((repeat) => ({ ...repeat, results: byKey(repeat.suite) }));
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
    onBaseVaried,
    onBaseData: runs.onBaseData === null ? null : byKey(runs.onBaseData),
    head,
    again,
    alone: runs.alone.map(({ key, suite }) => ({ key, results: byKey(suite) })),
    companies: countBy([...head.values()].map(({ key }) => key.file)),
    notLoaded: {
      first: loadFailures(runs.first),
      second: loadFailures(runs.second),
      onBase: loadFailures(runs.onBase),
    },
    touched: new Set(touched.paths),
    supportChanged: told
      ? touched.paths.some((path) => !files.has(path))
      : touched.existing.length > 0,
    weak: touched.weak ?? [],
  };
}

/** One result a key; where a runner reports a test twice, the worst counts. */
export function byKey(run: SuiteRun): Results {
  const worth = { pass: 0, skip: 1, fail: 2 };
  const results = new Map<string, TestResult>();
  for (const result of run.tests) {
    const key = keyText(result.key);
    const known = results.get(key);
    if (known === undefined || worth[result.status] > worth[known.status]) results.set(key, result);
  }
  return results;
}

const STRONG: readonly FailureReason[] = ["assertion", "exception"];
const NOT_LOADED: readonly FailureReason[] = ["import", "syntax", "missing-file", "unknown"];

/** An entry for a file that could not be loaded; it goes away when the file loads. */
export function isLoadFailure(result: TestResult): boolean {
  const notLoaded = NOT_LOADED.includes(result.failure?.reason ?? "unknown");
  return result.status === "fail" && (notLoaded || result.key.name === WHOLE_FILE);
}

/** By file, why it could not be loaded; always weak, as no test of it ran. */
function loadFailures(run: SuiteRun | null): ReadonlyMap<string, Failed> {
  const entries = (run?.tests ?? []).filter(
    (result) => result.key.file !== "" && isLoadFailure(result),
  );
  return new Map(
    entries.map((result) => {
      const { reason, message } = failureOf(result) ?? { reason: "unknown", message: "" };
      return [result.key.file, { reason: STRONG.includes(reason) ? "unknown" : reason, message }];
    }),
  );
}

/** The proof that a test gives, if any. A test in a file of the patch is judged by R1, any other by both R0. */
export function failToPass(sides: Sides, key: string): FailToPass | undefined {
  const head = sides.head.get(key);
  if (head?.status !== "pass") return undefined;
  const proof = isTouched(sides, head.key, key)
    ? fromPatch(sides, key, head.key)
    : fromBase(sides, key, head.key);
  if (proof === undefined) return undefined;
  const doubt = differsElsewhere(sides, key, head.key) ?? doubtOf(sides, proof) ?? null;
  return { ...proof, doubt, strength: doubt === null ? proof.strength : "weak" };
}

function differsElsewhere(sides: Sides, key: string, test: TestKey): string | undefined {
  const where = variationThatMatters(sides, key, test);
  if (where !== undefined) return `it is another matter ${where}`;
  if (needsDataOnly(sides, key)) return "it does so with the patch's data alone, without its code";
  return needsOthers(sides, key, test) ? "not when it runs alone" : undefined;
}

function countBy(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** What the text of the test, or of a file that it may use, says against it. */
function doubtOf({ weak }: Sides, { key, base, origin }: Proof): string | undefined {
  if (origin === "existing") return undefined;
  return weak.find(({ path, title, unlessAsserted }) => {
    if (unlessAsserted === true && base.reason === "assertion") return false;
    if (title === null) return true;
    return (key.file === path || key.file === "") && isNamed(key.name, title);
  })?.why;
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

type Proof = Omit<FailToPass, "doubt">;

function fromBase(sides: Sides, key: string, test: TestKey): Proof | undefined {
  const first = failureIn(sides.first, sides.notLoaded.first, key, test);
  const second = failureIn(sides.second, sides.notLoaded.second, key, test);
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
  results: Results,
  notLoaded: ReadonlyMap<string, Failed>,
  key: string,
  test: TestKey,
): Failed | undefined {
  return results.has(key) ? failureOf(results.get(key)) : notLoaded.get(test.file);
}

function fromPatch(sides: Sides, key: string, test: TestKey): Proof | undefined {
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
  const finished = run?.end === "exit" && run.exitCode === 0;
  if (run === null || finished || sides.onBase?.has(key)) return undefined;
  const cause = sides.notLoaded.onBase.get(test.file);
  return {
    reason: run.end === "timeout" ? "timeout" : (cause?.reason ?? "unknown"),
    message: `didn't run: ${cause?.message ?? `the test command ended (${run.end}) before reporting it`}`,
  };
}

type Failed = { readonly reason: FailureReason; readonly message: string };

function failureOf(result: TestResult | undefined): Failed | undefined {
  if (result?.status !== "fail") return undefined;
  return result.failure ?? { reason: "unknown", message: "" };
}
