import type { TestKey } from "../check/suite.ts";
import { type Hunk, hunksOf } from "../workspace/hunks.ts";
import { linesWithEnds } from "../workspace/line-diff.ts";
import type { FileChange } from "../workspace/patch.ts";
import { type ChangedFile, isCode } from "./gate.ts";
import { scanSource } from "./tests/source-scan.ts";

/** One changed place of the source and what the tests say without it. */
export type HunkRecord = {
  /** As the head calls it; a deleted file has the base's name. */
  readonly path: string;
  /** On the head, from 1; where lines were only deleted, the one above the gap, or 0. */
  readonly line: number;
  /** How many lines it has on the head; 0 where lines were only deleted. */
  readonly lines: number;
  /** The fail-to-pass tests that fail without it; none is an untested change; null when it wasn't tried. */
  readonly neededBy: readonly TestKey[] | null;
  /** Dunlin's own sentence: why it wasn't tried, or what is special about it. */
  readonly note: string | null;
};

/** A hunk, and how it is taken back and put in again. */
export type TriedHunk = {
  readonly hunk: HunkRecord;
  readonly without: FileChange;
  readonly restore: FileChange;
};

/** Without those two when it needn't or can't be tried. */
export type Trial = TriedHunk | { readonly hunk: HunkRecord };

/** A changed file of source on both sides; `head` is where a renamed one went. */
export type SourceFile = {
  readonly path: string;
  readonly base: string | undefined;
  readonly head: string | undefined;
};

const MOST_TRIED = 10;
/** Unchanged lines between changes that are one hunk; more only where there are too many hunks. */
const GAPS = [3, 12, 48, Number.POSITIVE_INFINITY];
const PROSE =
  /\.(?:md|mdx|markdown|txt|rst|adoc|png|jpe?g|gif|svg|ico|woff2?)$|(?:^|\/)(?:LICENSE|AUTHORS|\.[^/]*)$/i;
const IMPORT =
  /^\s*(?:import\b|from\b|export\b.*\bfrom\b|(?:const|let|var)\b.*\brequire\s*\(|use\s|require\b|#include\b)/;

/** Of the patch, what programs are made of: no tests, no settings, no prose. */
export function isSource({ path, role }: Pick<ChangedFile, "path" | "role">): boolean {
  return role === "source" && !PROSE.test(path);
}

/** The changed places of the source, ten of them to be tried, with near ones taken together as far as needed. */
export function planHunks(
  files: readonly ChangedFile[],
  changes: readonly FileChange[],
): readonly Trial[] {
  const sources = sourcesOf(files);
  const plans = GAPS.map((gap) =>
    sources.flatMap((file) =>
      hunksOf(file.base, file.head, gap).map((hunk) => trialOf(file, hunk, changes)),
    ),
  );
  const fits = (plan: readonly Trial[]) => plan.filter(isTried).length <= MOST_TRIED;
  const plan = plans.find(fits) ?? plans.at(-1) ?? [];
  const late = new Set<Trial>(plan.filter(isTried).slice(MOST_TRIED));
  const note = `Not tried: it comes after the first ${MOST_TRIED}.`;
  const bounded = plan.map((trial) =>
    late.has(trial) ? { hunk: { ...trial.hunk, note } } : trial,
  );
  return [...bounded, ...files.filter(isSource).flatMap(unreadable)];
}

export function isTried(trial: Trial): trial is TriedHunk {
  return "without" in trial;
}

/** What can be read as text, a renamed file as one. */
export function sourcesOf(files: readonly ChangedFile[]): readonly SourceFile[] {
  const readable = files.filter(isSource).flatMap(({ path, base, head }): readonly SourceFile[] => {
    if (base.kind === "opaque" || head.kind === "opaque") return [];
    const text = (side: typeof base) => (side.kind === "text" ? side.text : undefined);
    return [{ path, base: text(base), head: text(head) }];
  });
  const gone = new Set(readable.filter(({ head }) => head === undefined));
  const joined = readable.map((file) => {
    const from = file.base === undefined ? [...gone].find((old) => isLike(old, file)) : undefined;
    if (from === undefined) return file;
    gone.delete(from);
    return { ...file, base: from.base };
  });
  return joined.filter((file) => file.head !== undefined || gone.has(file));
}

/** At least half of the lines of either stand in the other as well. */
function isLike(old: SourceFile, now: SourceFile): boolean {
  const [before, after] = [linesWithEnds(old.base ?? ""), linesWithEnds(now.head ?? "")];
  const known = new Set(before);
  const common = after.filter((line) => known.has(line)).length;
  return common > 0 && common * 2 >= Math.max(before.length, after.length);
}

function trialOf(file: SourceFile, hunk: Hunk, changes: readonly FileChange[]): Trial {
  const { path } = file;
  const record = (note: string | null): HunkRecord => {
    const { line, lines } = hunk;
    return { path, line, lines, neededBy: null, note };
  };
  const restore = changes.find((change) => change.path === path);
  const idle = idleNote(file, hunk);
  if (restore === undefined || idle !== undefined) return { hunk: record(idle ?? null) };
  const onlyImports = hunk.changed.every((line) => line.trim() === "" || IMPORT.test(line));
  const mode = restore.kind === "write" ? restore.mode : "100644";
  const without: FileChange =
    hunk.without === undefined
      ? { path, kind: "delete" }
      : { path, kind: "write", mode, data: new TextEncoder().encode(hunk.without) };
  return { hunk: record(onlyImports ? "It only imports." : null), without, restore };
}

/** Why no test can need it. */
function idleNote({ path, head }: SourceFile, { changed, without }: Hunk): string | undefined {
  if (/\.d\.[cm]?ts$/.test(path)) return "Not tried: it only declares types.";
  if (changed.every((line) => line.trim() === "")) return "Not tried: only blank lines differ.";
  if (head === undefined || without === undefined || !isCode(path)) return undefined;
  const [now, then] = [head, without].map((text) =>
    JSON.stringify(scanSource(text).map(({ kind, text }) => [kind, text])),
  );
  return now === then ? "Not tried: only comments or spaces differ." : undefined;
}

function unreadable({ path, base, head }: ChangedFile): readonly Trial[] {
  const why = [head, base].flatMap((side) => (side.kind === "opaque" ? [side.why] : []))[0];
  if (why === undefined) return [];
  return [{ hunk: { path, line: 0, lines: 0, neededBy: null, note: `Not tried: ${why}.` } }];
}
