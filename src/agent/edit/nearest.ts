const SHOWN_WINDOWS = 3;
const SHOWN_WINDOW_LINES = 12;
const SHOWN_LINE_CHARS = 200;

/** The places of a text most like `old`, numbered, best first: what a model needs to see its mistake. */
export function nearestWindows(text: string, old: string): string[] {
  const lines = text.split("\n");
  const wanted = old.replace(/\n$/, "").split("\n");
  const votes = voteByLines(lines, wanted);
  if (votes.size === 0) voteByWords(lines, wanted, votes);
  const best = [...votes].sort(([a, x], [b, y]) => y - x || a - b);
  const chosen: number[] = [];
  for (const [start] of best) {
    if (chosen.length === SHOWN_WINDOWS) break;
    if (chosen.every((other) => Math.abs(other - start) >= wanted.length)) chosen.push(start);
  }
  return chosen.map((start) => showWindow(lines, start, wanted.length));
}

/** Each line that also stands in the text votes for where the block would begin. */
function voteByLines(lines: readonly string[], wanted: readonly string[]): Map<number, number> {
  const offsets = new Map<string, number>();
  for (const [index, line] of wanted.entries()) {
    const key = line.trim();
    if (key.length > 3 && !offsets.has(key)) offsets.set(key, index);
  }
  const votes = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const offset = offsets.get(line.trim());
    if (offset === undefined) continue;
    const start = Math.max(0, index - offset);
    votes.set(start, (votes.get(start) ?? 0) + 1);
  }
  return votes;
}

/** When no line stands there whole: lines that share at least half of the words of the longest wanted line. */
function voteByWords(
  lines: readonly string[],
  wanted: readonly string[],
  votes: Map<number, number>,
): void {
  const longest = wanted.reduce(
    (best, line) => (line.trim().length > best.trim().length ? line : best),
    "",
  );
  const words = wordsOf(longest);
  if (words.size === 0) return;
  const offset = wanted.indexOf(longest);
  for (const [index, line] of lines.entries()) {
    let shared = 0;
    for (const word of wordsOf(line)) if (words.has(word)) shared += 1;
    if (shared * 2 >= words.size) votes.set(Math.max(0, index - offset), shared);
  }
}

function wordsOf(line: string): Set<string> {
  return new Set(line.slice(0, 2_000).match(/[\p{L}\p{N}_$]+/gu));
}

function showWindow(lines: readonly string[], start: number, length: number): string {
  const shown = lines.slice(start, start + Math.min(length, SHOWN_WINDOW_LINES));
  return shown
    .map((line, index) => `${start + index + 1}\t${line.slice(0, SHOWN_LINE_CHARS)}`)
    .join("\n");
}
