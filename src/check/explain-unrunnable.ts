import type { SuiteRun, TestResult } from "./suite.ts";

const NEXT = "Set `test` in .github/dunlin.yml to a command that works there";
/** The ways in which a service that isn't there shows, with its address where the message has it. */
const UNREACHABLE =
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)\b[ :]*([\w.:[\]-]+)?|MongooseServerSelectionError|Cannot connect to the Docker daemon/;

function service(text: string): string | undefined {
  const match = UNREACHABLE.exec(text);
  return match === null ? undefined : (match[1] ?? "one that it can't reach");
}

function lastLine(run: SuiteRun): string {
  const lines = run.logTail.split("\n").map((line) => line.trim());
  const error = lines.find((line) => /\b\w*Error\b.*: /.test(line));
  return (error ?? lines.findLast((line) => line !== "") ?? "no output").slice(0, 300);
}

/** Every test failed for the same kind of reason that lies outside of the code. */
function explainFailures(failed: readonly TestResult[]): string | undefined {
  const addresses = failed.map((test) => service(test.failure?.message ?? ""));
  if (addresses.every((address) => address !== undefined)) {
    return `All tests fail because they need a service (${addresses[0]}) that the sandbox doesn't have. ${NEXT} without it.`;
  }
  const first = failed[0]?.failure;
  if (failed.every((test) => test.failure?.reason === "import")) {
    return `No test can be loaded (${first?.message ?? ""}). If the project must be built first, make the build part of \`install\` or \`test\` in .github/dunlin.yml.`;
  }
  return undefined;
}

function explainSilence(run: SuiteRun, reports: readonly string[] = []): string | undefined {
  if (run.exitCode === 127 || /command not found|: not found$/m.test(run.logTail)) {
    return `The test command \`${run.command}\` needs a program that the sandbox doesn't have: ${lastLine(run)}. ${NEXT}, or install the program with \`install\`.`;
  }
  const address = service(run.logTail);
  if (address !== undefined) {
    return `The tests need a service (${address}) that the sandbox doesn't have. ${NEXT} without it.`;
  }
  if (run.exitCode === 0 && reports.length > 0) {
    return `The test command \`${run.command}\` succeeded, but wrote no JUnit XML with tests in it at ${reports.join(", ")}. Correct \`reports\` in .github/dunlin.yml, or have \`test\` write it there.`;
  }
  if (run.exitCode === 0) return undefined;
  return `The test command \`${run.command}\` ended with exit code ${run.exitCode ?? "none"} before it reported a test: ${lastLine(run)}. ${NEXT}, for example one that runs only the tests.`;
}

/**
 * Why a base suite can't be compared at all, as full sentences with the next step; undefined when it can. A suite of
 * which some tests pass is compared test by test; one of an unknown runner that succeeds goes by its exit code.
 * `reports` are the globs of its JUnit files, where it was told that it writes some.
 */
export function explainUnrunnable(run: SuiteRun, reports?: readonly string[]): string | undefined {
  if (run.end === "timeout") {
    return `The test command \`${run.command}\` did not end within ${Math.round(run.durationMs / 60_000)} minutes. Set \`test\` in .github/dunlin.yml to a faster part of the suite.`;
  }
  if (run.end === "oom") {
    return `The test command \`${run.command}\` ran out of memory. Set \`test\` in .github/dunlin.yml to a smaller part of the suite.`;
  }
  if (run.end === "killed") {
    return `The test command \`${run.command}\` was stopped, most likely because it printed more than 64 MiB. ${NEXT} and prints less.`;
  }
  if (run.tests.some((test) => test.status === "pass")) return undefined;
  const failed = run.tests.filter((test) => test.status === "fail");
  return failed.length > 0 ? explainFailures(failed) : explainSilence(run, reports);
}
