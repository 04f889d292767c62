export type Files = Readonly<Record<string, string>>;

/** A submission of which it is known whether it proves anything. */
export type CorpusCase = {
  /** Unique, kebab-case. */
  readonly id: string;
  readonly kind: "adversarial" | "honest";
  /** What is done, in one sentence; of an adversarial one, why calling it verified would be wrong. */
  readonly what: string;
  /** What the submission claims to solve. */
  readonly issue: string;
  /** Which set of installed packages it needs. */
  readonly kit:
    | "node"
    | "vitest"
    | "jest"
    | "mocha"
    | "ava"
    | "tape"
    | "workspaces"
    | "pytest"
    | "unittest"
    | "go";
  /** The repository before it, all files; the kit adds lock file and runner. */
  readonly base: Files;
  /** What it writes; null deletes. */
  readonly change: Readonly<Record<string, string | null>>;
  /** Executable files of both. */
  readonly executable?: readonly string[];
};
