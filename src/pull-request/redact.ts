import { CREDENTIALS } from "./credential.ts";

/** Known secret values and credential shapes, found in text before it leaves Dunlin. */
export type Redactor = {
  /** The text with each secret, in whatever form, replaced by `[redacted]`. */
  redact(text: string): string;
  /** Whether a known secret, or twelve letters and digits in a row of one, stands in the text in some form. */
  holdsSecret(text: string): boolean;
};

const MARK = "[redacted]";
/** So many letters and digits of a secret in a row count as the secret; a shorter secret counts as a whole. */
const WINDOW = 12;
const SHORTEST = 6;
/** A window of fewer different characters (`AAAAAAAAAAAA`) would be found by chance. */
const FEWEST_DIFFERENT = 5;

/**
 * Looks for secrets as they are, in base64, hexadecimal, reversed and URL-encoded, also split by spaces, line ends,
 * quotes or hidden characters: only letters and digits are compared. Values under six of them are not looked for.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = windowsOf(secrets.flatMap(formsOf));
  const found = (text: string) => [
    ...find(lettersOf(text), needles),
    ...find(decodedLettersOf(text), needles),
  ];
  return {
    redact: (text) =>
      CREDENTIALS.reduce((clean, { form }) => clean.replace(form, MARK), cut(text, found(text))),
    holdsSecret: (text) => found(text).length > 0,
  };
}

/** Letters and digits of a text, and where each came from. */
type Letters = {
  readonly text: string;
  readonly start: readonly number[];
  readonly end: readonly number[];
};
type Range = { readonly start: number; readonly end: number };
/** By length. */
type Needles = ReadonlyMap<number, ReadonlySet<string>>;

const PLAIN = /[A-Za-z0-9]/g;
const ENCODED = /(?:%|\\x|\\u00|&#x)([0-9A-Fa-f]{2});?|&#(\d{2,3});|[A-Za-z0-9]/g;

function lettersOf(text: string): Letters {
  return collect([...text.matchAll(PLAIN)], (match) => match[0]);
}

function decodedLettersOf(text: string): Letters {
  return collect([...text.matchAll(ENCODED)], ([all, hex, decimal]) => {
    if (hex === undefined && decimal === undefined) return all;
    const letter = String.fromCharCode(
      hex === undefined ? Number(decimal) : Number.parseInt(hex, 16),
    );
    return /[A-Za-z0-9]/.test(letter) ? letter : "";
  });
}

function collect(
  matches: readonly RegExpExecArray[],
  letterOf: (match: RegExpExecArray) => string,
): Letters {
  const kept = matches
    .map((match) => ({ match, letter: letterOf(match) }))
    .filter(({ letter }) => letter !== "");
  return {
    text: kept.map(({ letter }) => letter).join(""),
    start: kept.map(({ match }) => match.index),
    end: kept.map(({ match }) => match.index + match[0].length),
  };
}

function formsOf(secret: string): readonly string[] {
  const value = secret.replace(/-----(?:BEGIN|END) [A-Z ]+-----/g, "").trim();
  const bytes = [...new TextEncoder().encode(value)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const reversed = [...value].reverse().join("");
  return [
    value,
    reversed,
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].map((shift) => base64(bytes, shift)),
  ];
}

/** The characters of a base64 text that depend on these bytes only, when `shift` others stand before them. */
function base64(bytes: readonly number[], shift: number): string {
  const padded = [...Array<number>(shift).fill(0), ...bytes];
  const text = btoa(padded.map((byte) => String.fromCharCode(byte)).join("")).replace(/=+$/, "");
  return text.slice(shift === 0 ? 0 : shift + 1, padded.length % 3 === 0 ? undefined : -1);
}

function windowsOf(forms: readonly string[]): Needles {
  const needles = new Map<number, Set<string>>();
  for (const form of forms) {
    const { text } = lettersOf(form);
    const length = Math.min(WINDOW, text.length);
    if (length < SHORTEST) continue;
    const known = needles.get(length) ?? new Set();
    needles.set(length, known);
    for (let at = 0; at + length <= text.length; at++) {
      const window = text.slice(at, at + length);
      if (new Set(window).size >= FEWEST_DIFFERENT) known.add(window);
    }
  }
  return needles;
}

function find({ text, start, end }: Letters, needles: Needles): readonly Range[] {
  const ranges: Range[] = [];
  for (const [length, known] of needles) {
    for (let at = 0; at + length <= text.length; at++) {
      if (!known.has(text.slice(at, at + length))) continue;
      ranges.push({ start: start[at] ?? 0, end: end[at + length - 1] ?? 0 });
    }
  }
  return ranges;
}

function cut(text: string, ranges: readonly Range[]): string {
  let out = "";
  let at = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > at || (start === 0 && at === 0)) out += text.slice(at, start) + MARK;
    at = Math.max(at, end);
  }
  return out + text.slice(at);
}
