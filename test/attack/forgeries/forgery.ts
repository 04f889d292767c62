/** A patch that leaves the bug where it is and makes the tests look as if it were gone. */
export type Forgery = {
  readonly name: string;
  /** Contents by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
};
