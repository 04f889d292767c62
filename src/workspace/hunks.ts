import { type ChangedRun, diffLines, linesWithEnds } from "./line-diff.ts";

/** One changed place of a text file. */
export type Hunk = {
  /** On the head, from 1; where lines were only deleted, the one above the gap, or 0. */
  readonly line: number;
  /** How many lines it has on the head. */
  readonly lines: number;
  /** All lines that it takes out or puts in, with their ends. */
  readonly changed: readonly string[];
  /** The head's file but for this; undefined when there is no file then. */
  readonly without: string | undefined;
};

/**
 * The changed places from one text to the other; undefined is no file. Changes with at most `gap` unchanged lines between
 * them are one. A file that is there on one side only is a single hunk.
 */
export function hunksOf(
  base: string | undefined,
  head: string | undefined,
  gap: number,
): readonly Hunk[] {
  const [before, after] = [linesWithEnds(base ?? ""), linesWithEnds(head ?? "")];
  if (base === undefined || head === undefined) {
    if (base === head) return [];
    const lines = after.length;
    return [{ line: Math.min(lines, 1), lines, changed: [...before, ...after], without: base }];
  }
  return joinNear(diffLines(before, after), gap).map((run) => {
    const lines = run.head.end - run.head.start;
    const old = before.slice(run.base.start, run.base.end);
    const kept = [...after.slice(0, run.head.start), ...old, ...after.slice(run.head.end)];
    return {
      line: lines === 0 ? run.head.start : run.head.start + 1,
      lines,
      changed: [...old, ...after.slice(run.head.start, run.head.end)],
      without: kept.join(""),
    };
  });
}

/** The head's lines, from 1, that the base doesn't have at their place. */
export function changedLinesOf(
  base: string | undefined,
  head: string | undefined,
): readonly number[] {
  const runs = diffLines(linesWithEnds(base ?? ""), linesWithEnds(head ?? ""));
  return runs.flatMap(({ head: { start, end } }) =>
    Array.from({ length: end - start }, (_, index) => start + index + 1),
  );
}

function joinNear(runs: readonly ChangedRun[], gap: number): readonly ChangedRun[] {
  const joined: ChangedRun[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last === undefined || run.head.start - last.head.end > gap) joined.push(run);
    else {
      joined[joined.length - 1] = {
        base: { start: last.base.start, end: run.base.end },
        head: { start: last.head.start, end: run.head.end },
      };
    }
  }
  return joined;
}
