/** Lines of one side that stand in place of lines of the other, both counted from 0; one of them may be none. */
export type ChangedRun = {
  readonly base: { readonly start: number; readonly end: number };
  readonly head: { readonly start: number; readonly end: number };
};

/** Above so many lines that are on one side only, what lies between the first and the last is one change. */
const MAX_EDITS = 1500;

/** The lines of a text with their ends, so that joined they are the text again, whatever ends it has. */
export function linesWithEnds(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What differs, by the shortest way from one to the other (Myers 1986); changes that touch are one. */
export function diffLines(base: readonly string[], head: readonly string[]): readonly ChangedRun[] {
  const start = commonStart(base, head);
  const end = commonEnd(base, head, start);
  const middle = (lines: readonly string[]) => lines.slice(start, lines.length - end);
  const [a, b] = [middle(base), middle(head)];
  if (a.length + b.length === 0) return [];
  const runs = runsOf(pairsOf(a, b), a.length, b.length);
  return runs.map(({ base, head }) => ({ base: moved(base, start), head: moved(head, start) }));
}

type Pair = { readonly base: number; readonly head: number };

function commonStart(base: readonly string[], head: readonly string[]): number {
  const most = Math.min(base.length, head.length);
  let count = 0;
  while (count < most && base[count] === head[count]) count++;
  return count;
}

function commonEnd(base: readonly string[], head: readonly string[], start: number): number {
  const most = Math.min(base.length, head.length) - start;
  let count = 0;
  while (count < most && base[base.length - 1 - count] === head[head.length - 1 - count]) count++;
  return count;
}

/** Which lines stay, in order. */
function pairsOf(base: readonly string[], head: readonly string[]): readonly Pair[] {
  const most = Math.min(MAX_EDITS, base.length + head.length);
  // By diagonal, moved by `most`: how far along the base each number of edits leads.
  let reached = new Int32Array(2 * most + 3);
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    history.push(reached);
    const before = reached;
    reached = before.slice();
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = stepTo(before, diagonal, edits, most);
      while (x < base.length && x - diagonal < head.length && base[x] === head[x - diagonal]) x++;
      reached[diagonal + most + 1] = x;
      if (x >= base.length && x - diagonal >= head.length) {
        return wayBack(history, base.length, head.length, most);
      }
    }
  }
  return [];
}

function stepTo(reached: Int32Array, diagonal: number, edits: number, most: number): number {
  if (edits === 0) return 0;
  const below = reached[diagonal - 1 + most + 1] ?? 0;
  const above = reached[diagonal + 1 + most + 1] ?? 0;
  return isDown(diagonal, edits, below, above) ? above : below + 1;
}

/** Whether a line of the head comes in, not one of the base goes. */
function isDown(diagonal: number, edits: number, below: number, above: number): boolean {
  return diagonal === -edits || (diagonal !== edits && below < above);
}

function wayBack(
  history: readonly Int32Array[],
  baseLength: number,
  headLength: number,
  most: number,
): readonly Pair[] {
  const pairs: Pair[] = [];
  let [x, y] = [baseLength, headLength];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reached = history[edits] ?? new Int32Array();
    const diagonal = x - y;
    const from = stepTo(reached, diagonal, edits, most);
    while (x > from) pairs.push({ base: --x, head: --y });
    if (edits === 0) break;
    const [below, above] = [reached[diagonal + most] ?? 0, reached[diagonal + 2 + most] ?? 0];
    if (isDown(diagonal, edits, below, above)) y--;
    else x--;
  }
  return pairs.reverse();
}

function runsOf(pairs: readonly Pair[], baseEnd: number, headEnd: number): readonly ChangedRun[] {
  const runs: ChangedRun[] = [];
  let [base, head] = [0, 0];
  for (const pair of [...pairs, { base: baseEnd, head: headEnd }]) {
    if (pair.base > base || pair.head > head) {
      runs.push({ base: { start: base, end: pair.base }, head: { start: head, end: pair.head } });
    }
    base = pair.base + 1;
    head = pair.head + 1;
  }
  return runs;
}

function moved({ start, end }: ChangedRun["base"], by: number): ChangedRun["base"] {
  return { start: start + by, end: end + by };
}
