import type { Finding, GateId, ShapedFile } from "../gate.ts";
import type { Token } from "../source-scan.ts";
import { markAt } from "../source-scan.ts";
import { isMarker } from "./markers.ts";
import { isExit, isPatched, isQuietExit, loadsRunner } from "./patching.ts";

/** A pattern that may not become more frequent in a file. */
type Ruse = {
  readonly gate: GateId;
  readonly where: "tests" | "source" | "all";
  readonly result: "flag" | "block";
  readonly what: string;
  stands(tokens: readonly Token[], at: number): boolean;
};

const RUSES: readonly Ruse[] = [
  {
    gate: "nothing-skipped",
    where: "tests",
    result: "block",
    what: "A test is skipped, focused or marked as to do",
    stands: isMarker,
  },
  {
    gate: "no-way-around",
    where: "tests",
    result: "block",
    what: "Code that never runs was put around tests",
    stands: isDeadCode,
  },
  {
    gate: "no-way-around",
    where: "tests",
    result: "block",
    what: "The process is ended or its exit code is set",
    stands: isExit,
  },
  {
    gate: "runner-untouched",
    where: "source",
    result: "flag",
    what: "The process is ended or its exit code is set",
    stands: isExit,
  },
  {
    gate: "runner-untouched",
    where: "source",
    result: "block",
    what: "A process is ended in a way that looks like success",
    stands: isQuietExit,
  },
  {
    gate: "runner-untouched",
    where: "source",
    result: "block",
    what: "The source loads a test runner",
    stands: loadsRunner,
  },
  {
    gate: "source-ignores-tests",
    where: "source",
    result: "block",
    what: "The source asks whether it is being tested",
    stands: asksForTest,
  },
  {
    gate: "runner-untouched",
    where: "all",
    result: "block",
    what: "An assertion, the clock or the runner is replaced",
    stands: isPatched,
  },
];

const CONSTANTS = new Set(["false", "0", "null", "undefined"]);
const RUNNER_GLOBALS = new Set(["describe", "it", "jest", "vi", "expect", "mocha", "beforeEach"]);
const TEST_VARIABLES =
  /^(VITEST|VITEST_\w+|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA_\w+|TAP|TAP_\w+|AVA_PATH|npm_lifecycle_event)$/;

/** Compares how often each pattern stands in a file before and after; more of it is a finding. */
export function ruses(files: readonly ShapedFile[]): readonly Finding[] {
  return files.flatMap((file) =>
    RUSES.filter((ruse) => applies(ruse, file)).flatMap((ruse) => found(ruse, file)),
  );
}

function applies(ruse: Ruse, file: ShapedFile): boolean {
  return ruse.where === "all" || (ruse.where === "tests") === file.isTest;
}

function found(
  { gate, result, what, stands }: Ruse,
  { path, base, head }: ShapedFile,
): readonly Finding[] {
  const lines = (tokens: readonly Token[]) =>
    tokens.flatMap((token, at) => (stands(tokens, at) ? [token.line] : []));
  const after = lines(head.tokens);
  const line = after.at(-1);
  if (line === undefined || after.length <= lines(base.tokens).length) return [];
  return [{ gate, result, detail: `${what}.`, path, line }];
}

/** `if (false)`, `while (0)`, `if (!true)`, `false && …`. */
function isDeadCode(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind === "mark" && token.text === "&&")
    return CONSTANTS.has(tokens[at - 1]?.text ?? "");
  const branches = token?.kind === "word" && (token.text === "if" || token.text === "while");
  if (!branches || markAt(tokens, at + 1) !== "(") return false;
  const negated = markAt(tokens, at + 2) === "!";
  const value = at + (negated ? 3 : 2);
  return markAt(tokens, value + 1) === ")" && isConstant(tokens[value], negated);
}

function isConstant(value: Token | undefined, truthy: boolean): boolean {
  if (value?.kind === "string") return (value.text !== "") === truthy;
  if (value?.kind === "number") return (value.text !== "0") === truthy;
  return truthy ? value?.text === "true" : CONSTANTS.has(value?.text ?? "");
}

function asksForTest(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" && token?.kind !== "string") return false;
  if (TEST_VARIABLES.test(token.text)) return true;
  if (token.text === "typeof") return RUNNER_GLOBALS.has(tokens[at + 1]?.text ?? "");
  const near = tokens.slice(Math.max(0, at - 12), at + 13).filter(isText);
  if (token.text === "NODE_ENV") return near.some((other) => other.text === "test");
  if (token.text !== "argv" && token.text !== "execArgv") return false;
  return near.some((other) => /\b(test|spec|mocha|jest|vitest|tape|tap)\b/i.test(other.text));
}

function isText(token: Token): boolean {
  return token.kind === "string" || token.kind === "template" || token.kind === "regex";
}
