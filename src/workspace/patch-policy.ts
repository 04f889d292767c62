import { type FileRole, roleOf } from "./file-role.ts";
import { type FileChange, PATCH_LIMITS, type Patch, type TreeEntry } from "./patch.ts";
import { collisionKey, escapePath, linkProblem, pathProblem } from "./patch-path.ts";
import { decodeUtf8 } from "./utf8.ts";

/** `path` is escaped and may be shown; `reason` ends a sentence that starts with it. Empty path: the whole patch. */
export type PatchProblem = { readonly path: string; readonly reason: string };

export type PatchDecision =
  | { readonly ok: true }
  | { readonly ok: false; readonly problems: readonly PatchProblem[] };

const REFUSED_ROLES: Partial<Record<FileRole, string>> = {
  manager: "configures a package manager, which Dunlin never changes",
  workflow: "configures continuous integration, which Dunlin never changes",
  git: "configures git, which Dunlin never changes",
  // Its programs are first on the path of every script, and its modules come before those of the registry.
  installed: "is installed code, which Dunlin never changes",
};
const MODES = new Set(["100644", "100755", "120000"]);

/**
 * Decides whether a patch may become a commit on `base`, the listing of its base commit. Nothing in the patch is
 * trusted: every rule holds for a patch that a hostile program wrote by hand.
 */
export function checkPatch(patch: Patch, base: readonly TreeEntry[]): PatchDecision {
  const problems = [
    ...sizeProblems(patch.changes),
    ...patch.changes.flatMap(changeProblems),
    ...treeProblems(patch.changes, base),
  ];
  return problems.length === 0 ? { ok: true } : { ok: false, problems };
}

function sizeProblems(changes: readonly FileChange[]): PatchProblem[] {
  const whole = (reason: string) => [{ path: "", reason }];
  if (changes.length === 0) return whole("The patch changes nothing.");
  if (changes.length > PATCH_LIMITS.files) {
    return whole(`The patch changes ${changes.length} files; ${PATCH_LIMITS.files} are allowed.`);
  }
  const bytes = changes.reduce((sum, change) => sum + bytesOf(change), 0);
  if (bytes <= PATCH_LIMITS.bytes) return [];
  return whole(`The patch holds ${bytes} bytes; ${PATCH_LIMITS.bytes} are allowed.`);
}

function changeProblems(change: FileChange): PatchProblem[] {
  const role = roleOf(change.path.toLowerCase());
  const reasons = [
    pathProblem(change.path),
    REFUSED_ROLES[role],
    (role === "manifest" || role === "lock") && roleOf(change.path) !== role
      ? "looks like a package manifest or a lock file, which are written in lower case"
      : undefined,
    contentProblem(change),
  ];
  return reasons.flatMap((reason) =>
    reason === undefined ? [] : [{ path: escapePath(change.path), reason }],
  );
}

function contentProblem(change: FileChange): string | undefined {
  if (change.kind === "delete") return undefined;
  if (!MODES.has(change.mode)) return "has a mode other than file, executable and symbolic link";
  if (change.data.length > PATCH_LIMITS.fileBytes) {
    return `is larger than ${PATCH_LIMITS.fileBytes} bytes`;
  }
  if (change.mode !== "120000") return undefined;
  const target = decodeUtf8(change.data);
  if (target === undefined) return "is a symbolic link whose target is not UTF-8";
  return linkProblem(change.path, target);
}

function bytesOf(change: FileChange): number {
  return change.kind === "write" ? change.data.length : 0;
}

/** What is wrong only in company: twice the same path, a file where a folder is, names that differ by case alone. */
function treeProblems(changes: readonly FileChange[], base: readonly TreeEntry[]): PatchProblem[] {
  const basePaths = new Set(base.map((entry) => entry.path));
  const head = new Set(basePaths);
  for (const { path, kind } of changes) {
    if (kind === "write") head.add(path);
    else head.delete(path);
  }
  const folders = new Set([...head].flatMap(ancestors));
  const spellings = collectSpellings(head);
  const seen = new Set<string>();
  const reasonsOf = ({ path, kind }: FileChange): readonly (string | false)[] => {
    const again = seen.has(path);
    seen.add(path);
    const twice = again && "is changed twice";
    if (kind === "delete") return [twice, !basePaths.has(path) && "is deleted but not in the base"];
    const twin = twinOf(path, spellings);
    return [
      twice,
      ancestors(path).some((folder) => head.has(folder)) && "lies below a file",
      folders.has(path) && "takes the place of a folder that still has files",
      twin !== undefined && `differs only by case from ${escapePath(twin)}`,
    ];
  };
  return changes.flatMap((change) => {
    const reasons = reasonsOf(change).filter((reason) => reason !== false);
    return reasons.map((reason) => ({ path: escapePath(change.path), reason }));
  });
}

/** All spellings of every file and folder, by what a case-insensitive file system makes of them. */
function collectSpellings(paths: Iterable<string>): Map<string, Set<string>> {
  const spellings = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const one of [path, ...ancestors(path)]) {
      const key = collisionKey(one);
      const known = spellings.get(key);
      if (known === undefined) spellings.set(key, new Set([one]));
      else known.add(one);
    }
  }
  return spellings;
}

function twinOf(path: string, spellings: Map<string, Set<string>>): string | undefined {
  for (const one of [path, ...ancestors(path)]) {
    for (const twin of spellings.get(collisionKey(one)) ?? []) if (twin !== one) return twin;
  }
  return undefined;
}

function ancestors(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
