import type { FileChange } from "../../src/workspace/patch.ts";
import { byPath } from "../../src/workspace/patch.ts";
import { published, type Tree } from "./tarballs.ts";
import type { UpstreamCase } from "./upstream-case.ts";

/** What tells of a package, without its scripts and what it is developed with. */
const FIELDS =
  `name version description license type main module browser types typings exports imports bin dependencies
  peerDependencies peerDependenciesMeta optionalDependencies`.split(/\s+/);
/** Of the manifest a fix may only change these here: nothing is installed a second time. */
const FIXED_FIELDS = new Set(["dependencies", "optionalDependencies", "peerDependencies"]);

/** The repository before the fix, and what two people would hand in. */
export type Upstream = {
  readonly base: Tree;
  /** The whole next version: sources, tests, manifest, documentation. */
  readonly fix: readonly FileChange[];
  readonly testsAlone: readonly FileChange[];
};

export async function upstreamOf(one: UpstreamCase, cache: string): Promise<Upstream> {
  const before = await published(cache, one.package, one.base);
  const after = await published(cache, one.package, one.fixed);
  const base = treeOf(one, before, {});
  const manifest = parse(base.get("package.json"));
  const same = Object.fromEntries(
    Object.entries(manifest).filter(([key]) => FIXED_FIELDS.has(key)),
  );
  const fix = changesBetween(base, treeOf(one, after, same));
  return { base, fix, testsAlone: fix.filter(({ path }) => matches(one.tests, path)) };
}

function treeOf(one: UpstreamCase, tree: Tree, same: Readonly<Record<string, unknown>>): Tree {
  const { keep, drop, extraFiles } = one;
  const kept = [...tree].filter(
    ([path]) => (keep.length === 0 || matches(keep, path)) && !matches(drop, path),
  );
  const added = Object.entries(extraFiles).map(([path, text]) => [path, encode(text)] as const);
  const manifest = manifestOf(one, parse(tree.get("package.json")), same);
  const all = new Map([...kept, ...added]);
  all.delete(".npmrc");
  return all.set("package.json", encode(`${JSON.stringify(manifest, null, 2)}\n`));
}

type Manifest = Readonly<Record<string, unknown>>;

function manifestOf(one: UpstreamCase, published: Manifest, same: Manifest): Manifest {
  const { dropFields, testScript, devDependencies, manifest } = one;
  const told = FIELDS.filter((field) => field in published && !dropFields.includes(field));
  return {
    ...Object.fromEntries(told.map((field) => [field, published[field]])),
    ...same,
    private: true,
    scripts: { test: testScript },
    devDependencies,
    ...manifest,
  };
}

function changesBetween(base: Tree, head: Tree): readonly FileChange[] {
  const gone = [...base.keys()].filter((path) => !head.has(path));
  const written = [...head].filter(([path, data]) => !isSame(base.get(path), data));
  const changes: readonly FileChange[] = [
    ...gone.map((path) => ({ path, kind: "delete" }) as const),
    ...written.map(([path, data]) => ({ path, kind: "write", mode: "100644", data }) as const),
  ];
  return changes.toSorted(byPath);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function matches(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => new RegExp(pattern).test(path));
}

function parse(bytes: Uint8Array | undefined): Manifest {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
