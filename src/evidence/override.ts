import type { GateId } from "./gate.ts";

/** A person's word that a finding of a gate is in order. */
export type Override = {
  readonly gate: GateId;
  /** Null when it is about all paths. */
  readonly path: string | null;
  /** Login of the person. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** Address of the comment that says so. */
  readonly comment: string;
};
