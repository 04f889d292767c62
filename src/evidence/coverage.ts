/** Changed lines of one file. */
export type ChangedLines = {
  readonly path: string;
  /** On the head, from 1, ascending. */
  readonly lines: readonly number[];
};

/** Which of the changed lines of source ran in the head's tests. Only lines that hold code are counted. */
export type Coverage =
  | {
      /** What counted, e.g. `V8` or `jest`. */
      readonly tool: string;
      readonly changedLines: number;
      readonly coveredLines: number;
      readonly uncovered: readonly ChangedLines[];
      /** Changed files about which nothing can be said; their lines aren't counted. */
      readonly unknown: readonly { readonly path: string; readonly reason: string }[];
    }
  | { readonly notMeasured: string };
