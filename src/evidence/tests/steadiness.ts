import type { TestKey, TestResult } from "../../check/suite.ts";
import { type Variation, variationWords } from "../runs/variation.ts";

type Results = ReadonlyMap<string, TestResult>;

/** What was run again, by key. */
export type Repeated = {
  readonly onBase: Results | null;
  readonly onBaseVaried: Results | null;
  readonly onBaseData: Results | null;
  /** Tests that ran without the others of their file. */
  readonly alone: readonly { readonly key: TestKey; readonly results: Results }[];
  /** By file, how many tests ran on the head. */
  readonly companies: ReadonlyMap<string, number>;
  readonly again: readonly {
    readonly files: readonly string[];
    readonly variation: Variation;
    readonly results: Results;
  }[];
};

/** Whether the test passed on the head once, and not again although nothing was different. */
export function isUnsteady(repeated: Repeated, key: string, test: TestKey): boolean {
  return failsAgain(repeated, key, test).includes("usual");
}

/** In which world the test fails with the fix, or passes without it; undefined when it makes no difference. */
export function variationThatMatters(
  repeated: Repeated,
  key: string,
  test: TestKey,
): string | undefined {
  const [differs] = failsAgain(repeated, key, test);
  if (differs !== undefined) return variationWords(differs);
  const { onBase, onBaseVaried } = repeated;
  const passesThere = onBaseVaried?.get(key)?.status === "pass";
  return passesThere && onBase?.get(key)?.status === "fail"
    ? variationWords("far-east")
    : undefined;
}

/** Whether it passes as soon as it has the patch's data, whatever the code. */
export function needsDataOnly({ onBase, onBaseData }: Repeated, key: string): boolean {
  return onBase?.get(key)?.status !== "pass" && onBaseData?.get(key)?.status === "pass";
}

/** Whether the test was seen to fail, or nothing was seen to pass, without the tests before it. */
export function needsOthers(repeated: Repeated, key: string, test: TestKey): boolean {
  const { alone, companies } = repeated;
  if (alone.length === 0 || (companies.get(test.file) ?? 0) < 2) return false;
  const passes = (one: Repeated["alone"][number]) =>
    one.results.get(keyText(one.key))?.status === "pass";
  const own = alone.find((one) => keyText(one.key) === key);
  return own === undefined ? !alone.some(passes) : !passes(own);
}

function failsAgain({ again }: Repeated, key: string, { file }: TestKey): readonly Variation[] {
  return again
    .filter(({ files, results }) => files.includes(file) && results.get(key)?.status !== "pass")
    .map(({ variation }) => variation);
}

/** A key as a text that no other test has. */
export function keyText({ file, name, ordinal }: TestKey): string {
  return JSON.stringify([file, name, ordinal]);
}
