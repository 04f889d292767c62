import type { TestKey, TestResult } from "../check/suite.ts";
import { type Variation, variationWords } from "./variation.ts";

type Results = ReadonlyMap<string, TestResult>;

/** What was run again, by key. */
export type Repeated = {
  readonly onBase: Results | null;
  readonly onBaseVaried: Results | null;
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

function failsAgain({ again }: Repeated, key: string, { file }: TestKey): readonly Variation[] {
  return again
    .filter(({ files, results }) => files.includes(file) && results.get(key)?.status !== "pass")
    .map(({ variation }) => variation);
}
