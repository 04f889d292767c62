import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { byPath, type FileChange, type Patch } from "../workspace/patch.ts";

/** A repository of its own, in which the patch stands on the base. */
export type Rebuilt = {
  /** Of a bare repository with the branch `base`. */
  readonly folder: string;
  readonly patch: Patch;
  /** Of base and patch. */
  readonly tree: string;
  /** Undefined where the repository doesn't have the head commit. */
  readonly head?: { readonly tree: string; readonly message: string };
};

const MAX_OUTPUT_BYTES = 256 << 20;

/**
 * Fetches the base, and the head if it is there, and puts the patch on the base; of the repository's own files none is
 * written to disk. Throws `invalid-request` (`no-base`, `patch-does-not-apply`).
 */
export async function rebuild(
  folder: string,
  from: string,
  wanted: { readonly baseSha: string; readonly headSha: string; readonly patch: Uint8Array },
): Promise<Rebuilt> {
  const { baseSha, headSha, patch } = wanted;
  await mkdir(folder, { recursive: true });
  const git = gitIn(folder);
  await git(["init", "--quiet", "--bare", "."]);
  if (!(await fetchCommit(git, from, baseSha))) {
    const message = `The repository ${from} has no commit ${baseSha}, from which the change starts.`;
    throw new Failure("invalid-request", "no-base", message);
  }
  await git(["update-ref", "refs/heads/base", baseSha]);
  await git(["read-tree", `${baseSha}^{tree}`]);
  await git(["apply", "--cached", "--whitespace=nowarn", "-"], patch).catch((cause: unknown) => {
    const message = "The patch does not apply to the base commit.";
    throw new Failure("invalid-request", "patch-does-not-apply", message, { cause });
  });
  const tree = text(await git(["write-tree"]));
  const changes = await changesOf(git, baseSha, tree);
  const rebuilt = { folder, tree, patch: { baseSha, changes } };
  if (!(await fetchCommit(git, from, headSha))) return rebuilt;
  const head = {
    tree: text(await git(["rev-parse", `${headSha}^{tree}`])),
    message: text(await git(["show", "--no-patch", "--format=%B", headSha])),
  };
  return { ...rebuilt, head };
}

type Git = (args: readonly string[], stdin?: Uint8Array) => Promise<Buffer>;

async function fetchCommit(git: Git, from: string, sha: string): Promise<boolean> {
  const fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
  const isThere = () =>
    git(["cat-file", "-e", `${sha}^{commit}`]).then(
      () => true,
      () => false,
    );
  await git([...fetch, "--depth=1", "--", from, sha]).catch(() => {});
  return isThere();
}

async function changesOf(git: Git, base: string, tree: string): Promise<readonly FileChange[]> {
  const raw = text(await git(["diff-tree", "-r", "-z", "--raw", "--no-renames", base, tree]));
  const parts = raw.split("\0");
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = "", , blob = ""] = (parts[at] ?? "").split(" ");
    const path = parts[at + 1] ?? "";
    if (mode === "000000") changes.push({ path, kind: "delete" });
    else
      changes.push({
        path,
        kind: "write",
        mode: modeOf(mode, path),
        data: await git(["cat-file", "blob", blob]),
      });
  }
  return changes.toSorted(byPath);
}

function modeOf(mode: string, path: string): "100644" | "100755" | "120000" {
  if (mode === "100644" || mode === "100755" || mode === "120000") return mode;
  const message = `The patch changes ${path} in a way that Dunlin doesn't make (${mode}).`;
  throw new Failure("invalid-request", "patch-does-not-apply", message);
}

/** Without the settings, hooks and credentials of whoever runs it. */
function gitIn(folder: string): Git {
  const env = {
    // biome-ignore lint/style/noProcessEnv: git has to be found
    PATH: process.env["PATH"] ?? "",
    LC_ALL: "C",
    GIT_DIR: folder,
    GIT_INDEX_FILE: join(folder, "index"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
  };
  return (args, stdin) =>
    new Promise((resolve, reject) => {
      const options = {
        cwd: folder,
        env,
        maxBuffer: MAX_OUTPUT_BYTES,
        encoding: "buffer" as const,
      };
      const child = execFile("git", [...args], options, (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      });
      // Git may end before it has read everything.
      child.stdin?.on("error", () => {});
      child.stdin?.end(stdin ?? "");
    });
}

function text(output: Buffer): string {
  return output.toString("utf8").trimEnd();
}
