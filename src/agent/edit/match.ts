/** Where `old` stands in a text, as offsets into it, and how loosely it was matched. */
export type Match = {
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
};

export type Matches = { readonly found: readonly Match[]; readonly rung: Rung };

/** From the strictest to the loosest; a looser one is tried only when the stricter finds nothing. */
export type Rung = "exact" | "trailing-space" | "indentation" | "unicode";

const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u2018-\u201b]/g, "'"],
  [/[\u201c-\u201f]/g, '"'],
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " "],
];

const LOOSE: readonly (readonly [Rung, (line: string) => string])[] = [
  ["trailing-space", (line) => line.trimEnd()],
  ["indentation", (line) => line.trim()],
  ["unicode", (line) => FOLDS.reduce((text, [from, to]) => text.replace(from, to), line).trim()],
];

/** Finds `old` (not empty, `\n` line ends) in `text` (`\n` line ends). Loose rungs match whole lines only. */
export function findMatches(text: string, old: string): Matches {
  const exact = findExact(text, old);
  if (exact.length > 0) return { found: exact, rung: "exact" };
  const lines = text.split("\n");
  const wanted = old.replace(/\n$/, "").split("\n");
  if (wanted.every((line) => line.trim() === "")) return { found: [], rung: "exact" };
  for (const [rung, fold] of LOOSE) {
    const found = findLines(lines, wanted, fold, old.endsWith("\n"));
    if (found.length > 0) return { found, rung };
  }
  return { found: [], rung: "unicode" };
}

function findExact(text: string, old: string): Match[] {
  const found: Match[] = [];
  let line = 1;
  let counted = 0;
  for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length)) {
    line += countLines(text, counted, at);
    counted = at;
    found.push({ start: at, end: at + old.length, line });
  }
  return found;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
    count += 1;
  }
  return count;
}

function findLines(
  lines: readonly string[],
  wanted: readonly string[],
  fold: (line: string) => string,
  withLineEnd: boolean,
): Match[] {
  const folded = lines.map(fold);
  const pattern = wanted.map(fold);
  const starts = lineStarts(lines);
  const found: Match[] = [];
  for (let first = 0; first + pattern.length <= folded.length; first += 1) {
    if (!pattern.every((line, index) => folded[first + index] === line)) continue;
    const next = first + pattern.length;
    const afterLast = starts[next] ?? 0;
    const end = withLineEnd && next < lines.length ? afterLast : afterLast - 1;
    found.push({ start: starts[first] ?? 0, end, line: first + 1 });
    first = next - 1;
  }
  return found;
}

/** Offset of each line, and one behind the last as if it ended with a line end. */
function lineStarts(lines: readonly string[]): number[] {
  const starts = [0];
  let at = 0;
  for (const line of lines) {
    at += line.length + 1;
    starts.push(at);
  }
  return starts;
}
