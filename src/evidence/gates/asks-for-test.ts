import type { Token } from "../tests/source-scan.ts";
import { markAt, memberAt } from "../tests/source-scan.ts";

const RUNNER_GLOBALS = new Set(["describe", "it", "jest", "vi", "expect", "mocha", "beforeEach"]);
const TEST_VARIABLES =
  /^(VITEST|VITEST_\w+|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA_\w+|TAP|TAP_\w+|AVA_PATH|npm_lifecycle_event)$/;
/** Parts of names that only runners give. */
const TELLTALE = /__(?:vitest|jest|mocha)|_TEST_CONTEXT|JEST_WORKER/;
const LISTS = new Set(["keys", "entries", "values", "getOwnPropertyNames"]);
const SEARCHES = new Set(
  "split includes match matchAll indexOf lastIndexOf search startsWith endsWith".split(" "),
);
const MACHINE = new Set(
  "availableParallelism cpus userInfo hostname totalmem freemem loadavg networkInterfaces getuid geteuid getgid".split(
    " ",
  ),
);
const PLACES = new Set("cwd homedir tmpdir __dirname __filename execPath".split(" "));
const PERSONAL = new Set("USER USERNAME LOGNAME HOSTNAME CI GITHUB_ACTIONS".split(" "));
/** In tokens. */
const NEAR = 30;

/** `process.env.VITEST`, `typeof describe`, `new Error().stack`, `Object.keys(process.env)`: for whose eyes is it? */
export function asksForTest(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" && token?.kind !== "string") return false;
  if (TEST_VARIABLES.test(token.text) || TELLTALE.test(token.text)) return true;
  if (looksAround(tokens, at) || readsItsCallers(tokens, at)) return true;
  if (token.text === "typeof") return RUNNER_GLOBALS.has(tokens[at + 1]?.text ?? "");
  const near = tokens.slice(Math.max(0, at - NEAR), at + NEAR + 1).filter(isText);
  if (token.text === "NODE_ENV") return near.some((other) => other.text === "test");
  if (token.text !== "argv" && token.text !== "execArgv") return false;
  return near.some((other) => /\b(test|spec|mocha|jest|vitest|tape|tap)\b/i.test(other.text));
}

/** `Object.keys(process.env)`, `Object.getOwnPropertyNames(globalThis)`. */
function looksAround(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== "Object" || !LISTS.has(tokens[at + 2]?.text ?? "")) return false;
  if (markAt(tokens, at + 3) !== "(") return false;
  const about = tokens[at + 4]?.text;
  return about === "globalThis" || (about === "process" && tokens[at + 6]?.text === "env");
}

/** `new Error("x").stack`, `const { stack } = new Error()`, `error.stack.split(…)`, `Error.prepareStackTrace`. */
function readsItsCallers(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text;
  if (text === "prepareStackTrace" || text === "getCallSites") return true;
  if (text !== "stack") return false;
  const before = markAt(tokens, at - 1);
  if (before === "{" || before === ",") {
    return tokens.slice(at, at + 10).some((token, index) => {
      return token.text === "Error" && ["=", "new"].includes(tokens[at + index - 1]?.text ?? "");
    });
  }
  if (before !== "." && before !== "?.") return false;
  if (markAt(tokens, at - 2) === ")" && makesError(tokens, at - 2)) return true;
  return SEARCHES.has(memberAt(tokens, at + 1)?.name ?? "");
}

/** Whether the bracket that closes here is `Error(…)`'s; at most that many tokens back. */
function makesError(tokens: readonly Token[], close: number): boolean {
  let depth = 0;
  for (let at = close; at >= 0 && at > close - NEAR; at--) {
    if (markAt(tokens, at) === ")") depth++;
    if (markAt(tokens, at) === "(") depth--;
    if (depth === 0) return /Error$/.test(tokens[at - 1]?.text ?? "");
  }
  return false;
}

/** What kind of machine, whose, and where the code lies: no library's answer may follow from it. */
export function asksForMachine(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word") return false;
  if (MACHINE.has(token.text)) return markAt(tokens, at + 1) === "(";
  if (PLACES.has(token.text)) {
    const end = markAt(tokens, at + 1) === "(" ? at + 3 : at + 1;
    return SEARCHES.has(memberAt(tokens, end)?.name ?? "");
  }
  const isEnv = token.text === "env" && markAt(tokens, at - 1) === ".";
  return isEnv && PERSONAL.has(memberAt(tokens, at + 1)?.name ?? "");
}

function isText(token: Token): boolean {
  return token.kind === "string" || token.kind === "template" || token.kind === "regex";
}
