import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** A test that ran; `failures` is empty when it passed. */
export type TestEnd = {
  readonly file: string;
  readonly name: string;
  readonly failures: readonly string[];
};

export type TestRun = {
  readonly tests: readonly TestEnd[];
  /** Why a file, or the whole run, came to no tests. */
  readonly problems: readonly string[];
};

const TIMEOUT_MS = 15 * 60_000;

/** Runs test files of one project in a copy of the repository; `names` are parts of full names, all when left out. */
export async function runTests(
  folder: string,
  files: readonly string[],
  names?: readonly string[],
): Promise<TestRun> {
  const output = join(folder, ".teeth.json");
  const project = files[0]?.split("/")[1] ?? "";
  const args = ["run", "--project", project, ...files, "--reporter=json", `--outputFile=${output}`];
  const only = names === undefined ? [] : [`--testNamePattern=${names.map(pattern).join("|")}`];
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const child = spawn(process.execPath, [vitest, ...args, ...only], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: TIMEOUT_MS,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  await once(child, "close");
  const text = await readFile(output, "utf8").catch(() => undefined);
  await rm(output, { force: true });
  if (text === undefined) return { tests: [], problems: [said.trim() || "It gave no report."] };
  return readRun(folder, Report.parse(JSON.parse(text)));
}

function readRun(folder: string, { testResults }: z.output<typeof Report>): TestRun {
  const ran = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ fullName, failureMessages }) => ({
        file: name.replace(`${folder}/`, ""),
        name: fullName,
        failures: failureMessages ?? [],
      })),
  );
  const problems = testResults
    .filter(({ assertionResults, message }) => assertionResults.length === 0 && message !== "")
    .map(({ message }) => message);
  return { tests: ran, problems };
}

/** Groups are told apart by ` > ` where a pattern is matched, by a space in the report. */
function pattern(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "(?: > | )");
}
