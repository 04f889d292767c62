import { Failure } from "../../errors.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { quoteWord } from "../shell-words.ts";

/** What a run left in its sandbox, as it stands there. */
export type TakenReports = {
  /** One for each process that reported. */
  readonly streams: readonly string[];
  /** TAP of runners that write it themselves. */
  readonly tapOfFiles: string;
  /** Files of JUnit XML that the test command wrote. */
  readonly junit: readonly string[];
  /** False when they could not be read to their end, or are not there. */
  readonly whole: boolean;
};

const MOST_REPORT_BYTES = 32 * 1024 * 1024;

/** Each report after a letter for its kind, and a NUL behind it: what a report holds can't make it two. */
const SHOW = `show() { [ -f "$2" ] && printf %s "$1" && tr -d '\\000' <"$2" && printf '\\0'; }`;
const TAKE = `${SHOW}
for file in "$1"/reports/*.ndjson; do show N "$file"; done
for file in "$1"/reports/*.tap; do show T "$file"; done`;

/** A test of find's for one glob; its own `*` would go on below folders, so the number of folders is asked for, too. */
function condition(glob: string): string {
  const path = `./${glob.replace(/^(?:\.\/)+/, "")}`;
  if (path.endsWith("/**")) return `-path ${quoteWord(path.slice(0, -1))}`;
  if (path.includes("**/")) {
    return ["", "*/"].map((any) => `-path ${quoteWord(path.replace("**/", any))}`).join(" -o ");
  }
  const deeper = "*/".repeat(path.split("/").length);
  return `-path ${quoteWord(path)} ! -path ${quoteWord(`${deeper}*`)}`;
}

/** Only what is newer than the start of the tests: a report that lies there from before says nothing. */
function takeJunit(globs: readonly string[]): string {
  if (globs.length === 0) return "";
  const paths = globs.map(condition).join(" -o ");
  const each = `${SHOW}; for file; do show J "$file"; done`;
  return `
find . -name node_modules -prune -o -type f -newer "$1/target.json" \\( ${paths} \\) -exec sh -c ${quoteWord(each)} sh {} +`;
}

/**
 * Takes the reports out of `folder` and removes it, after every process of the tests has ended. `globs` name JUnit
 * files below the workspace; without one of them the reports aren't whole. Throws `limit-reached/report-too-large` and `unavailable/sandbox-lost`.
 */
export async function takeReports(
  sandbox: Sandbox,
  folder: string,
  globs: readonly string[],
): Promise<TakenReports> {
  const parts: Uint8Array[] = [];
  const script = `${TAKE}${takeJunit(globs)}\nrm -rf -- "$1"`;
  const result = await sandbox.exec(["sh", "-c", script, "sh", folder], {
    timeoutMs: 120_000,
    maxOutputBytes: 1024,
    killAfterOutputBytes: MOST_REPORT_BYTES,
    onOutput: ({ fd, data }) => {
      if (fd === 1) parts.push(data.slice());
    },
  });
  if (result.end === "killed") {
    throw new Failure(
      "limit-reached",
      "report-too-large",
      "The test report is larger than 32 MiB; have `test` in .github/dunlin.yml run fewer tests.",
    );
  }
  if (result.end === "lost" || result.end === "oom") {
    throw new Failure(
      "unavailable",
      "sandbox-lost",
      "The sandbox was lost before the test report could be read; the tests run again in a new one.",
    );
  }
  const taken = sorted(decode(parts));
  const isAbsent = globs.length > 0 && taken.junit.length === 0;
  return { ...taken, whole: result.end === "exit" && !isAbsent };
}

function decode(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
  return text + decoder.decode();
}

function sorted(text: string): Omit<TakenReports, "whole"> {
  const reports = text.split("\0");
  const of = (kind: string) =>
    reports.filter((one) => one.startsWith(kind)).map((one) => one.slice(1));
  return { streams: of("N"), tapOfFiles: of("T").join(""), junit: of("J") };
}
