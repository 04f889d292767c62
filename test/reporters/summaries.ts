import type { Counts } from "./reporter-case.ts";

type Summary = Counts | undefined;

/** `mocha --reporter json`. */
export function mochaJson(output: string): Summary {
  const { stats } = jsonOf(output);
  if (stats === undefined) return undefined;
  const { passes, failures, pending } = stats as Readonly<Record<string, number>>;
  return counts(passes, failures, pending);
}

/** `jest --json`, and `vitest run --reporter=json` after it. */
export function jestJson(output: string): Summary {
  const told = jsonOf(output) as Readonly<Record<string, number | undefined>>;
  const { numPassedTests, numFailedTests, numPendingTests = 0, numTodoTests = 0 } = told;
  return counts(numPassedTests, numFailedTests, numPendingTests + numTodoTests);
}

/** The last lines of `node --test --test-reporter=tap`: `# pass 12`. */
export function nodeTest(output: string): Summary {
  const count = (name: string) => numberIn(output, new RegExp(`^# ${name} (\\d+)$`, "m"));
  const [skipped = 0, todo = 0] = [count("skipped"), count("todo")];
  return counts(count("pass"), sum(count("fail"), count("cancelled")), skipped + todo);
}

/**
 * The tests of tape, whose last lines count assertions: each `# name` begins one, and one `not ok` fails it. `# SKIP
 * name` is one that was left out.
 */
export function tapeBlocks(output: string): Summary {
  if (!/^# tests \d+$/m.test(output)) return undefined;
  const tests = output
    .split(/^# tests \d+$/m, 1)
    .join("")
    .split(/^# /m)
    .slice(1);
  const skipped = tests.filter((test) => /^(?:SKIP|TODO)\b/.test(test));
  const run = tests.filter((test) => !skipped.includes(test));
  const failed = run.filter((test) => /^not ok (?!.*# (?:TODO|SKIP))/m.test(test));
  return counts(run.length - failed.length, failed.length, skipped.length);
}

/** The tests of `tap --reporter=tap`, whose last lines count files: the line that closes each subtest in one. */
export function tapSubtests(output: string): Summary {
  if (!/^# time=/m.test(output)) return undefined;
  const closing = output.match(/^ {4,}(?:not )?ok \d+ - .* # (?:time=|SKIP|TODO).*$/gim) ?? [];
  const skipped = closing.filter((line) => / # (?:SKIP|TODO)/i.test(line)).length;
  const failed = closing.filter((line) => /^ *not ok .* # time=/.test(line)).length;
  return counts(closing.length - skipped - failed, failed, skipped);
}

/** The last line of pytest: `== 2 failed, 12 passed, 1 skipped in 0.50s ==`. */
export function pytestLine(output: string): Summary {
  const line = /^=+ (.*) in [\d.]+s.* =+$/m.exec(output)?.[1];
  if (line === undefined) return undefined;
  const count = (name: string) => numberIn(line, new RegExp(`(\\d+) ${name}\\b`)) ?? 0;
  return {
    pass: count("passed"),
    fail: count("failed") + count("errors?"),
    skip: count("skipped") + count("xfailed") + count("xpassed"),
  };
}

/** The last lines of unittest: `Ran 12 tests in 0.5s`, `FAILED (failures=1, skipped=2)`. */
export function unittestLines(output: string): Summary {
  const ran = numberIn(output, /^Ran (\d+) tests? in /m);
  const line = /^(?:OK|FAILED)(?: \(.*\))?$/m.exec(output)?.[0];
  if (ran === undefined || line === undefined) return undefined;
  const count = (name: string) => numberIn(line, new RegExp(`(?:\\(|, )${name}=(\\d+)`)) ?? 0;
  const fail = count("failures") + count("errors") + count("unexpected successes");
  const skip = count("skipped") + count("expected failures");
  return { pass: ran - fail - skip, fail, skip };
}

function counts(pass: number | undefined, fail: number | undefined, skip: number | undefined) {
  if (pass === undefined || fail === undefined || skip === undefined) return undefined;
  return { pass, fail, skip };
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The one JSON object that the output ends with; tests may have printed before it. */
function jsonOf(output: string): Readonly<Record<string, unknown>> {
  for (const { index } of output.matchAll(/^\{/gm)) {
    try {
      return JSON.parse(output.slice(index));
    } catch {
      // A brace of something that a test printed.
    }
  }
  return {};
}
