/** A real project as its people published it, without a word of configuration for Dunlin. */
export type ProjectCase = {
  readonly id: string;
  /** Where its files come from. */
  readonly from: string;
  /** One of the operator's images. */
  readonly image: string;
  /** Lays the project's files out in an empty folder, on the host; says what had to be added to what was published. */
  prepare(folder: string): Promise<readonly string[]>;
};
