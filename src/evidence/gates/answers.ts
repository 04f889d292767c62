import type { ChangedFile, Finding, ShapedFile } from "../gate.ts";
import type { Token } from "../tests/source-scan.ts";
import { markAt } from "../tests/source-scan.ts";

/** Shorter ones stand in every program. */
const MIN_LENGTH = 4;
const MIN_DIGITS = 2;
const MIN_REPEATED = 2;
const COMPARES = new Set(["===", "==", "!==", "!=", "?", ":", "[", ",", "{"]);
const STRING = /"((?:[^"\\]|\\.)*)"/g;
const NUMBER = /(?<![\w.])\d{2,}(?![\w.])/g;

/**
 * Values of the new assertions that the source now holds as well, to be compared with: when every new assertion has such
 * a one, the source may answer the tests alone. One value in common proves nothing, nor does an assertion without any.
 */
export function answers(
  files: readonly ChangedFile[],
  shaped: readonly ShapedFile[],
): readonly Finding[] {
  const added = shaped.filter((file) => file.isTest).flatMap(addedAssertions);
  const held = heldValues(files, shaped);
  const repeated = added.map((text) => valuesOf(text).filter((value) => isHeld(value, held)));
  const distinct = new Set(repeated.flat());
  if (added.length < MIN_REPEATED || distinct.size < MIN_REPEATED) return [];
  if (repeated.some((values) => values.length === 0)) return [];
  const [path = ""] = held.values();
  const shown = [...distinct].slice(0, 5).join(", ");
  const detail = `The source now holds values of every new assertion, as if it knew the tests: ${shown}`;
  return [{ gate: "source-ignores-tests", result: "block", detail, path }];
}

function addedAssertions({ base, head }: ShapedFile): readonly string[] {
  const known = new Set(base.assertions.map(({ text }) => text));
  return head.assertions.map(({ text }) => text).filter((text) => !known.has(text));
}

/** By value, the source file that has come to hold it. */
function heldValues(
  files: readonly ChangedFile[],
  shaped: readonly ShapedFile[],
): ReadonlyMap<string, string> {
  const inCode = shaped.filter(({ isTest }) => !isTest).flatMap(newInCode);
  const inData = files.filter(({ role }) => role === "source").flatMap(newInData);
  return new Map([...inCode, ...inData].filter(([value]) => isTelling(value)));
}

type Held = readonly [value: string, path: string];

function newInCode({ path, base, head }: ShapedFile): readonly Held[] {
  const known = new Set(base.tokens.map(({ text }) => text));
  return head.tokens
    .filter((token, at) => isCompared(head.tokens, token, at) && !known.has(token.text))
    .map(({ text }) => [text, path]);
}

function newInData({ path, base, head }: ChangedFile): readonly Held[] {
  if (head.kind !== "text" || !path.endsWith(".json")) return [];
  const known = base.kind === "text" ? base.text : "";
  return valuesOf(head.text)
    .filter((value) => !known.includes(value))
    .map((value) => [value, path]);
}

/** Literals beside a comparison, or in a table; not the arguments of a call, as the words of an error are. */
function isCompared(tokens: readonly Token[], { kind }: Token, at: number): boolean {
  if (kind !== "string" && kind !== "number" && kind !== "template") return false;
  if (tokens[at - 1]?.text === "case") return true;
  return COMPARES.has(markAt(tokens, at - 1)) || COMPARES.has(markAt(tokens, at + 1));
}

function isTelling(value: string): boolean {
  return /^\d+$/.test(value) ? value.length >= MIN_DIGITS : value.length >= MIN_LENGTH;
}

function valuesOf(text: string): readonly string[] {
  const strings = [...text.matchAll(STRING)].map(([, inner = ""]) => inner);
  return [...strings, ...(text.replaceAll(STRING, " ").match(NUMBER) ?? [])];
}

/** A table's key may be made of several values, and a value may stand in the middle of a longer one. */
function isHeld(value: string, held: ReadonlyMap<string, string>): boolean {
  if (held.has(value)) return true;
  if (/^\d+$/.test(value)) return false;
  const parts = [...held.keys()].flatMap((key) => key.split(/[^\w.+ -]+/)).filter(isTelling);
  return parts.some((part) => !/^\d+$/.test(part) && value.includes(part));
}
