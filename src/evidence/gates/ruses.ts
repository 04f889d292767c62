import type { Finding, GateId, ShapedFile } from "../gate.ts";
import type { Token } from "../tests/source-scan.ts";
import { markAt } from "../tests/source-scan.ts";
import { writesToSource } from "../tests/weak-tests.ts";
import { asksForMachine, asksForTest } from "./asks-for-test.ts";
import { isMarker, isSkip } from "./markers.ts";
import { replacesForeignMethod, replacesOwnModule } from "./mocks.ts";
import {
  changesBuiltIn,
  isExit,
  isPatched,
  isQuietExit,
  loadsRunner,
  takesUnhandled,
  teachesAssertions,
} from "./patching.ts";

/** A pattern that may not become more frequent in a file. */
type Ruse = {
  readonly gate: GateId;
  readonly where: "tests" | "source" | "all";
  readonly result: "flag" | "block";
  readonly what: string;
  readonly answeredByOldTests?: true;
  stands(tokens: readonly Token[], at: number): boolean;
};

const RUSES: readonly Ruse[] = [
  {
    gate: "no-way-around",
    where: "tests",
    result: "block",
    what: "A module of the repository is replaced by a mock",
    stands: replacesOwnModule,
  },
  {
    gate: "runner-untouched",
    where: "all",
    result: "block",
    what: "A method of what is declared in another file is replaced",
    stands: replacesForeignMethod,
  },
  {
    gate: "nothing-skipped",
    where: "tests",
    result: "block",
    what: "A test is skipped",
    stands: isSkip,
    answeredByOldTests: true,
  },
  {
    gate: "nothing-skipped",
    where: "tests",
    result: "block",
    what: "A test is focused, expected to fail or marked as to do",
    stands: (tokens, at) => isMarker(tokens, at) && !isSkip(tokens, at),
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
    gate: "source-ignores-tests",
    where: "source",
    result: "block",
    what: "The source asks on what machine, for whom or where it runs",
    stands: asksForMachine,
  },
  {
    gate: "runner-untouched",
    where: "all",
    result: "block",
    what: "A built-in of the language is changed for the whole program",
    stands: changesBuiltIn,
  },
  {
    gate: "runner-untouched",
    where: "source",
    result: "block",
    what: "The source gives a runner's assertions another meaning",
    stands: teachesAssertions,
  },
  {
    gate: "runner-untouched",
    where: "source",
    result: "block",
    what: "The source takes errors that nobody handled away from the runner",
    stands: takesUnhandled,
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
/** Compares how often each pattern stands in a file before and after; more of it is a finding. */
export function ruses(files: readonly ShapedFile[]): readonly Finding[] {
  return files.flatMap((file) => [
    ...sourceWritten(file),
    ...RUSES.filter((ruse) => applies(ruse, file)).flatMap((ruse) => found(ruse, file)),
  ]);
}

function sourceWritten(file: ShapedFile): readonly Finding[] {
  const line = file.isTest ? writesToSource(file).at(-1) : undefined;
  if (line === undefined) return [];
  const detail = "A test writes to a file of the source.";
  return [{ gate: "runner-untouched", result: "block", detail, path: file.path, line }];
}

function applies(ruse: Ruse, file: ShapedFile): boolean {
  return ruse.where === "all" || (ruse.where === "tests") === file.isTest;
}

function found(
  { gate, result, what, stands, answeredByOldTests }: Ruse,
  { path, base, head }: ShapedFile,
): readonly Finding[] {
  const lines = (tokens: readonly Token[]) =>
    tokens.flatMap((token, at) => (stands(tokens, at) ? [token.line] : []));
  const after = lines(head.tokens);
  const line = after.at(-1);
  if (line === undefined || after.length <= lines(base.tokens).length) return [];
  const answered = answeredByOldTests && { answeredByOldTests };
  return [{ gate, result, detail: `${what}.`, path, line, ...answered }];
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
