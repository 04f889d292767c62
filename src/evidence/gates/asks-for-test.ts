import type { Token } from "../source-scan.ts";
import { markAt } from "../source-scan.ts";

const RUNNER_GLOBALS = new Set(["describe", "it", "jest", "vi", "expect", "mocha", "beforeEach"]);
const TEST_VARIABLES =
  /^(VITEST|VITEST_\w+|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA_\w+|TAP|TAP_\w+|AVA_PATH|npm_lifecycle_event)$/;
/** Parts of names that only runners give. */
const TELLTALE = /__(?:vitest|jest|mocha)|_TEST_CONTEXT|JEST_WORKER/;
const LISTS = new Set(["keys", "entries", "values", "getOwnPropertyNames"]);
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

/** `new Error().stack`. */
function readsItsCallers(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== "stack" || markAt(tokens, at - 1) !== ".") return false;
  return tokens[at - 4]?.text === "Error" && markAt(tokens, at - 3) === "(";
}

function isText(token: Token): boolean {
  return token.kind === "string" || token.kind === "template" || token.kind === "regex";
}
