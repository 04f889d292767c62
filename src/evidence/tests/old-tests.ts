import type { SuiteRun } from "../../check/suite.ts";
import { byKey, type Results, type Runs } from "./fail-to-pass.ts";

/**
 * Whether the tests of these files, as the base has them, pass on the head (R4): all that the base ran of them, also
 * those that failed there, for one of those may be what shows the bug. Where the runner doesn't tell files, all tests.
 */
export function oldTestsHold({ first, old }: Runs, files: readonly string[]): boolean {
  if (old === null || old.end !== "exit" || endsUnexplained(old)) return false;
  const [before, now] = [byKey(first), byKey(old)];
  const known = new Set([...before.values()].map(({ key }) => key.file));
  const untold = known.has("") || files.some((file) => !known.has(file));
  return [...before].every(([id, { key, status }]) => {
    const isAsked = status !== "skip" && (untold || files.includes(key.file));
    return !isAsked || passes(now, id);
  });
}

function passes(results: Results, id: string): boolean {
  return results.get(id)?.status === "pass";
}

function endsUnexplained({ exitCode, tests }: SuiteRun): boolean {
  return exitCode !== 0 && !tests.some(({ status }) => status === "fail");
}
