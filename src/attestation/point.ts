/** One thing that was checked about a bundle, for a person to read. `detail` may quote untrusted text. */
export type Point = {
  readonly holds: boolean;
  /** What was looked at: a file of the bundle, or a part of its attestation. */
  readonly about: string;
  readonly detail: string;
};

export function holds(about: string, detail: string): Point {
  return { holds: true, about, detail };
}

export function broken(about: string, detail: string): Point {
  return { holds: false, about, detail };
}
