import type { PromiseName } from "./promises.ts";

/** One line broken on purpose, and the test that has to notice. */
export type Break = {
  readonly id: string;
  readonly promise: PromiseName;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly test: string;
  /** Part of a test's full name, groups and test joined by a space; any failing test of the file when left out. */
  readonly name?: string;
  /** The break goes into the sandbox image, so that one is built for it and removed again. */
  readonly inImage?: true;
};

/** The text with the break in it; throws when the break no longer fits the file. */
export function applyBreak(text: string, { id, file, find, replace }: Break): string {
  const count = text.split(find).length - 1;
  if (count === 1) return text.replace(find, () => replace);
  throw new Error(`${id}: its text stands ${count} times in ${file}. Write the break anew.`);
}
