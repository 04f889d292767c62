import type { Token } from "../tests/source-scan.ts";
import { markAt } from "../tests/source-scan.ts";

const MOCKERS = new Set(["mock", "vi", "jest"]);
const REPLACES = new Set(["module", "mock", "doMock", "unstable_mockModule", "setMock"]);
/** `import.meta.resolve(` may stand before the path. */
const MOST_TOKENS_TO_PATH = 9;

/** `vi.mock("../src/a.js")`, `mock.module(import.meta.resolve("./a.js"))`: a module of the repository itself is replaced. */
export function replacesOwnModule(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" || !MOCKERS.has(token.text)) return false;
  const called = markAt(tokens, at + 1) === "." && markAt(tokens, at + 3) === "(";
  if (!called || !REPLACES.has(tokens[at + 2]?.text ?? "")) return false;
  const path = tokens.slice(at + 4, at + 4 + MOST_TOKENS_TO_PATH).find(isText);
  return path !== undefined && /^(?:\.{1,2}\/|\/|file:)/.test(path.text);
}

/** `Lru.prototype.get = …` where `Lru` is declared in another file. */
export function replacesForeignMethod(tokens: readonly Token[], at: number): boolean {
  const owner = tokens[at];
  if (owner?.kind !== "word" || tokens[at + 2]?.text !== "prototype") return false;
  const isAssigned = markAt(tokens, at + 1) === "." && markAt(tokens, at + 3) === ".";
  if (!isAssigned || markAt(tokens, at + 5) !== "=") return false;
  return !tokens.some(
    ({ text }, index) =>
      text === owner.text && ["class", "function"].includes(tokens[index - 1]?.text ?? ""),
  );
}

function isText({ kind }: Token): boolean {
  return kind === "string" || kind === "template";
}
