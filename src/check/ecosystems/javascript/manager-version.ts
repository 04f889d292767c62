import type { NodeManager } from "./package-manager.ts";

/** What says which version of a package manager a repository means. */
export type VersionSigns = {
  /** `packageManager` of package.json, or what stands for it. */
  readonly field?: string | undefined;
  readonly engines: Readonly<Record<string, string>>;
  /** The lock file's first lines. */
  readonly lock?: string | undefined;
  /** Of the step that sets it up in the workflows of the repository's CI. */
  readonly ci?: string | undefined;
};

export type FoundVersion = {
  /** Exact or a range, as npm takes it. */
  readonly range: string;
  readonly because: string;
};

/** Nothing that a shell or npm could take for something else. */
const VERSION = /^v?(\d+(?:\.(?:\d+|x|\*)){0,2}(?:-[\w.]+)?)$/;
const RANGE = /^[\d.x*^~<>=| -]{1,60}$/;

const USUAL: Readonly<Record<NodeManager, string>> = { npm: "11", pnpm: "10", yarn: "1", bun: "1" };

/** By the number that a lock file begins with: the newest version that writes this format. */
const LOCK_FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^lockfileVersion:\s*'?5\./m, "7"],
  [/^lockfileVersion:\s*'?6\./m, "8"],
  [/^lockfileVersion:\s*'?9\./m, "10"],
  [/^# yarn lockfile v1$/m, "1"],
  [/^__metadata:\s+version: [1-5]$/m, "2"],
  [/^__metadata:\s+version: [67]$/m, "3"],
  [/^__metadata:\s+version: (?:[89]|\d\d)$/m, "4"],
];

/** The version of `manager` that is meant, by the sign that says most. */
export function findManagerVersion(manager: NodeManager, signs: VersionSigns): FoundVersion {
  const [named, version = ""] = signs.field?.split("@") ?? [];
  const exact = VERSION.exec(version.replace(/\+.*$/, ""))?.[1];
  if (named === manager && exact !== undefined)
    return { range: exact, because: "`packageManager` in package.json" };
  const ci = VERSION.exec(signs.ci ?? "")?.[1];
  if (ci !== undefined) return { range: ci, because: "the CI workflow" };
  const wanted = signs.engines[manager];
  const format = LOCK_FORMATS.find(([sign]) => sign.test(signs.lock ?? ""))?.[1];
  if (format !== undefined) return { range: format, because: "the lock file's format" };
  if (wanted !== undefined && RANGE.test(wanted))
    return { range: wanted, because: "`engines` in package.json" };
  return { range: USUAL[manager], because: "nothing says which version" };
}
