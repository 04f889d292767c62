import type { FileRole } from "../workspace/file-role.ts";
import type { TestShape } from "./tests/test-shape.ts";

/** A file's content on one side; `opaque` for what can't be read as text, with the reason. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "opaque"; readonly why: string };

/** One path of the patch, before and after. */
export type ChangedFile = {
  readonly path: string;
  readonly role: FileRole;
  readonly base: Content;
  readonly head: Content;
};

/**
 * One look at a patch for what makes tests lie. `block` means that the patch can't be verified, `flag` that a person
 * should look. `detail` may quote untrusted code. `path` and `line` (1-based, in the head's file) where there is one.
 */
export type Gate = {
  readonly id: GateId;
  readonly result: "pass" | "flag" | "block";
  readonly detail: string;
  readonly path: string | null;
  readonly line: number | null;
  /** Names what blocks, so that a person can accept it; null before the evidence is stored, and for what doesn't block. */
  readonly finding: string | null;
};

export const gateIds = [
  "nothing-skipped",
  "tests-kept",
  "assertions-kept",
  "no-way-around",
  "existing-tests-unchanged",
  "snapshots-kept",
  "runner-config-unchanged",
  "source-ignores-tests",
  "runner-untouched",
  "dependencies-unchanged",
  "built-from-source",
  "readable",
] as const;

export type GateId = (typeof gateIds)[number];

/** What a gate found; no finding is a pass. */
export type Finding = {
  readonly gate: GateId;
  readonly result: "flag" | "block";
  readonly detail: string;
  readonly path: string;
  readonly line?: number;
  /** Only flagged once the base's own tests are known to pass on the head: nothing was taken away that they ask for. */
  readonly answeredByOldTests?: true;
};

/** A changed code file with both sides' shapes; an absent side is an empty shape. */
export type ShapedFile = {
  readonly path: string;
  readonly isTest: boolean;
  readonly existed: boolean;
  readonly base: TestShape;
  readonly head: TestShape;
};

/** Whether a path is JavaScript or TypeScript: what the gates can read and a runner may be given. */
export function isCode(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}
