import type { TestKey } from "../check/suite.ts";

/** One changed place of the source and what the tests say without it. */
export type HunkRecord = {
  /** As the head calls it; a deleted file has the base's name. */
  readonly path: string;
  /** On the head, from 1; where lines were only deleted, the one above the gap, or 0. */
  readonly line: number;
  /** How many lines it has on the head; 0 where lines were only deleted. */
  readonly lines: number;
  /** The fail-to-pass tests that fail without it; none is an untested change; null when it wasn't tried. */
  readonly neededBy: readonly TestKey[] | null;
  /** Dunlin's own sentence: why it wasn't tried, or what is special about it. */
  readonly note: string | null;
};
