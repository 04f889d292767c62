import { roleOf } from "../workspace/file-role.ts";
import type { ChangedFile, Content } from "./gate.ts";

/** One package that a patch adds, takes away or moves to another version. Names and versions are untrusted text. */
export type DependencyChange = {
  /** The manifest or lock file that says so. */
  readonly path: string;
  readonly name: string;
  /** What a manifest asks for, or the version that a lock file holds; null where it isn't there. */
  readonly from: string | null;
  readonly to: string | null;
};

const FIELDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
/** For people and registries; no runner reads them. */
const TOLD =
  `version description keywords homepage bugs license author contributors funding repository files types
  typings`.split(/\s+/);
/** Names that other code uses, and the files behind them. */
const MAPS = ["exports", "imports"];
const MAX_CHANGES = 500;

type Json = Readonly<Record<string, unknown>>;

/** What a patch changes in the manifests and in the lock files that can be read (npm's), by path and name. */
export function changedDependencies(files: readonly ChangedFile[]): readonly DependencyChange[] {
  return files
    .flatMap((file) => {
      const versionsOf = readerFor(file);
      if (versionsOf === undefined) return [];
      const [base, head] = [versionsOf(file.base), versionsOf(file.head)];
      const names = [...new Set([...base.keys(), ...head.keys()])].sort();
      return names.flatMap((name) => {
        const [from, to] = [base.get(name) ?? null, head.get(name) ?? null];
        return from === to ? [] : [{ path: file.path, name, from, to }];
      });
    })
    .slice(0, MAX_CHANGES);
}

/**
 * What a manifest says beside the packages it asks for: nothing else than before; more of what its users read, such as
 * a further entry of `exports`; or something that can decide which code is run and how: a script, a tool's setting,
 * another file behind a name that was known.
 */
export function changeBesideDependencies({ base, head }: ChangedFile): "none" | "told" | "decides" {
  const [before, after] = [parseJson(base), parseJson(head)];
  if (before === undefined || after === undefined) return "decides";
  if (withoutFields(before, FIELDS) === withoutFields(after, FIELDS)) return "none";
  const spoken = [...FIELDS, ...TOLD, ...MAPS];
  const same = withoutFields(before, spoken) === withoutFields(after, spoken);
  return same && MAPS.every((name) => onlyGrew(before[name], after[name])) ? "told" : "decides";
}

/** The entries of npm's lock file by their place; undefined when it is none. */
export function lockEntries(content: Content): ReadonlyMap<string, Json> | undefined {
  const packages = parseJson(content)?.["packages"];
  if (!isObject(packages)) return undefined;
  const entries = Object.entries(packages).filter(([place]) => place !== "");
  return new Map(entries.map(([place, entry]) => [place, isObject(entry) ? entry : {}]));
}

function readerFor({ path, role }: ChangedFile) {
  if (role === "manifest") return manifestVersions;
  return /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/.test(path) ? lockVersions : undefined;
}

function manifestVersions(content: Content): ReadonlyMap<string, string> {
  const json = parseJson(content) ?? {};
  const pairs = FIELDS.flatMap((field) => {
    const wanted = json[field];
    if (!isObject(wanted)) return [];
    const name = (dependency: string) =>
      field === "dependencies" ? dependency : `${dependency} (${field})`;
    return Object.entries(wanted).map(([key, value]) => [name(key), String(value)] as const);
  });
  return new Map(pairs);
}

/** Those at the top: what they in turn depend on would hide them. */
function lockVersions(content: Content): ReadonlyMap<string, string> {
  const pairs = [...(lockEntries(content) ?? [])].flatMap(([place, { version }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    return name === undefined ? [] : [[name, String(version ?? "(none)")] as const];
  });
  return new Map(pairs);
}

/** The order counts for nothing in packages, but for much elsewhere, such as in a list of files. */
function withoutFields(json: Json, fields: readonly string[]): string {
  return JSON.stringify(Object.entries(json).filter(([field]) => !fields.includes(field)));
}

/** Whether every name that was known leads where it led, and no new one to the tests' own files. */
function onlyGrew(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (!isObject(before) || !isObject(after)) return false;
  const isKept = Object.entries(before).every(
    ([name, to]) => JSON.stringify(after[name]) === JSON.stringify(to),
  );
  if (Object.keys(before).some((name) => name.includes("*"))) return false;
  const added = Object.entries(after).filter(([name]) => before[name] === undefined);
  return isKept && added.every(([name, to]) => /^[.#]/.test(name) && isOwnFile(to));
}

function isOwnFile(to: unknown): boolean {
  return typeof to === "string" && roleOf(to.replace(/^\.\//, "")) === "source";
}

function parseJson(content: Content): Json | undefined {
  if (content.kind !== "text") return undefined;
  try {
    const json: unknown = JSON.parse(content.text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
