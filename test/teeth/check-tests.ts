import type { Break } from "./break.ts";
import { runTests, type TestEnd } from "./run-test.ts";
import { firstLine } from "./try-break.ts";

/**
 * Runs every test that a break names on the whole sources: a break says nothing whose test isn't there or is red
 * anyway. Gives what is wrong by break.
 */
export async function checkTests(
  folder: string,
  breaks: readonly Break[],
  onProgress: (text: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const unit = breaks.filter(({ test }) => test.startsWith("test/unit/"));
  const slow = Map.groupBy(
    breaks.filter((one) => !unit.includes(one)),
    ({ test }) => test,
  );
  const tests: TestEnd[] = [];
  const problems: string[] = [];
  const run = async (files: readonly string[], names?: readonly string[]) => {
    onProgress(files.length === 1 ? (files[0] ?? "") : `${files.length} files of unit tests`);
    const ran = await runTests(folder, files, names);
    tests.push(...ran.tests);
    problems.push(...ran.problems);
  };
  if (unit.length > 0) await run([...new Set(unit.map(({ test }) => test))]);
  for (const [file, of] of slow) {
    const names = of.flatMap(({ name }) => name ?? []);
    await run([file], names.length < of.length ? undefined : names);
  }
  return new Map(
    breaks.flatMap((one) => {
      const problem = problemOf(one, tests) ?? problems.find((text) => text.includes(one.test));
      return problem === undefined ? [] : [[one.id, firstLine(problem)]];
    }),
  );
}

function problemOf(one: Break, tests: readonly TestEnd[]): string | undefined {
  const own = tests.filter(({ file, name }) => file === one.test && name.includes(one.name ?? ""));
  if (own.length === 0) return `No test in ${one.test} has the name "${one.name ?? ""}".`;
  const red = own.find(({ failures }) => failures.length > 0);
  return red && `Red without the break: ${red.failures[0]}`;
}
