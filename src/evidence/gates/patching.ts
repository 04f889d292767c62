import type { Member, Token } from "../tests/source-scan.ts";
import { markAt, memberAt } from "../tests/source-scan.ts";

const PROTECTED = new Set(
  "assert expect Date process test it describe before after beforeEach afterEach performance".split(
    " ",
  ),
);
/** What every program relies on: changed by one module, it is changed for the runner and the tests as well. */
const BUILT_IN = new Set(
  "Array Object String Number Boolean Function Promise Map Set WeakMap Symbol RegExp Error JSON Math Reflect Proxy Buffer console".split(
    " ",
  ),
);
/** Ways to give a runner's assertions another meaning. */
const TEACHES = new Set("extend addEqualityTesters addSnapshotSerializer setState".split(" "));
const OVERWRITES = new Set("overwriteMethod overwriteProperty overwriteChainableMethod".split(" "));
/** What happens to errors that nobody handled is the runner's business. */
const UNHANDLED = /^(?:unhandledRejection|uncaughtException|multipleResolves)$/;
const GLOBALS = new Set(["globalThis", "global", "window", "self"]);
const ASSIGNS = new Set(["=", "||=", "&&=", "??="]);
const DECLARES = new Set(["const", "let", "var", "{", ",", "(", "type"]);
const DEFINES = new Set("defineProperty defineProperties assign set setPrototypeOf".split(" "));
const LOADER = new Set(["_load", "_resolveFilename", "_extensions"]);
/** Ways around imports to the modules that judge tests, by whatever object they are reached. */
const BACK_DOORS = new Set([
  "getBuiltinModule",
  "syncBuiltinESMExports",
  "registerHooks",
  "reallyExit",
  "_linkedBinding",
]);
const TEST_RUNNERS = new Set(
  "node:test node:test/reporters mocha tape ava uvu vitest jest @jest/globals @jest/core sinon".split(
    " ",
  ),
);
const HOOKS = new Set(["on", "once", "addListener", "prependListener"]);
const LAST_EVENTS = new Set(["exit", "beforeExit", "uncaughtException", "unhandledRejection"]);
const EXITS = new Set(["exit", "abort", "reallyExit"]);

/** `assert.equal = …`, `globalThis.Date = …`, `Object.defineProperty(assert, …)`, `require.cache`, `Module._load`. */
export function isPatched(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token !== undefined && isBackDoor(tokens, at, token)) return true;
  if (token?.kind !== "word") return false;
  if (LOADER.has(token.text)) return markAt(tokens, at - 1) === ".";
  const member = memberAt(tokens, at + 1);
  if (token.text === "require") return member?.name === "cache";
  if (token.text === "Object" || token.text === "Reflect") return redefines(tokens, member);
  if (GLOBALS.has(token.text)) {
    return member !== undefined && PROTECTED.has(member.name) && assigned(tokens, member.end);
  }
  return (
    PROTECTED.has(token.text) && markAt(tokens, at - 1) !== "." && isReplaced(tokens, at, member)
  );
}

function isBackDoor(tokens: readonly Token[], at: number, { kind, text }: Token): boolean {
  if (!BACK_DOORS.has(text)) return false;
  return kind === "word" || (kind === "string" && markAt(tokens, at - 1) === "[");
}

/** `Math.random = …`, `JSON.parse ??= …`, `Array.prototype.sort = …`: another program than the one under test is changed. */
export function changesBuiltIn(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" || !BUILT_IN.has(token.text)) return false;
  if ([".", "?."].includes(markAt(tokens, at - 1)) && !GLOBALS.has(tokens[at - 2]?.text ?? "")) {
    return false;
  }
  const member = memberAt(tokens, at + 1);
  return member !== undefined && assigned(tokens, member.end);
}

/** `scope.expect.extend(…)`, `utils.overwriteMethod(…)`: no code that is tested teaches an assertion. */
export function teachesAssertions(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" && token?.kind !== "string") return false;
  if (OVERWRITES.has(token.text)) return true;
  if (token.text !== "expect") return false;
  const end = token.kind === "string" && markAt(tokens, at + 1) === "]" ? at + 2 : at + 1;
  return TEACHES.has(memberAt(tokens, end)?.name ?? "");
}

/** `"unhandledRejection"` wherever it stands, `process.removeAllListeners(…)`, `process.on(anyEvent, …)`. */
export function takesUnhandled(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind === "string" || token?.kind === "template") return UNHANDLED.test(token.text);
  if (token?.kind !== "word" || token.text !== "process") return false;
  const member = memberAt(tokens, at + 1);
  if (member === undefined) return false;
  if (/^(?:removeAllListeners|setUncaughtExceptionCaptureCallback)$/.test(member.name)) return true;
  return HOOKS.has(member.name) && tokens[member.end + 1]?.kind === "word";
}

/** `from "node:test"`, `require("mocha")`, `import("vitest")`: no code that is tested needs them. */
export function loadsRunner(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "string" || !TEST_RUNNERS.has(token.text)) return false;
  const before = tokens[at - 1]?.text ?? "";
  if (before !== "(") return before === "from" || before === "import";
  return ["require", "import"].includes(tokens[at - 2]?.text ?? "");
}

/** `process.exit()`, `process.exit(0)`, `process.kill(…)`: an end that looks like success, or somebody else's. */
export function isQuietExit(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const member = memberAt(tokens, at + 1);
  if (token?.kind !== "word" || token.text !== "process" || member === undefined) return false;
  if (member.name === "kill") return true;
  if (!EXITS.has(member.name)) return false;
  const code = tokens[member.end + 1];
  return code === undefined || code.text === ")" || code.text === "0";
}

function isReplaced(tokens: readonly Token[], at: number, member: Member | undefined): boolean {
  if (member === undefined) {
    return assigned(tokens, at + 1) && !DECLARES.has(tokens[at - 1]?.text ?? "");
  }
  const ownState = tokens[at]?.text === "process" && ["env", "exitCode"].includes(member.name);
  return !ownState && assigned(tokens, member.end);
}

/** `process.exit(…)`, `process.exitCode = …`, `process.on("exit", …)`. */
export function isExit(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const member = memberAt(tokens, at + 1);
  if (token?.kind !== "word" || token.text !== "process" || member === undefined) return false;
  if (HOOKS.has(member.name)) return LAST_EVENTS.has(tokens[member.end + 1]?.text ?? "");
  return EXITS.has(member.name) || (member.name === "exitCode" && assigned(tokens, member.end));
}

function redefines(tokens: readonly Token[], member: Member | undefined): boolean {
  if (member === undefined || !DEFINES.has(member.name)) return false;
  const target = tokens[member.end + 1];
  if (target?.kind !== "word") return false;
  if (BUILT_IN.has(target.text)) return markAt(tokens, member.end + 2) !== "(";
  const name = tokens[member.end + 3];
  const harmless = name?.kind === "string" && !PROTECTED.has(name.text);
  return PROTECTED.has(target.text) || (GLOBALS.has(target.text) && !harmless);
}

/** Whether a value is assigned to `.a.b["c"]` at this place; at most ten members are followed. */
function assigned(tokens: readonly Token[], start: number): boolean {
  let end = start;
  for (let links = 0; links < 10; links++) end = memberAt(tokens, end)?.end ?? end;
  return ASSIGNS.has(markAt(tokens, end));
}
