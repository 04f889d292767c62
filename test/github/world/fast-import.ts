import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { git } from "./git.ts";

type FileContent =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode: "100644" | "100755" | "120000" };

/** Contents by path; null takes a file away. */
export type Files = Readonly<Record<string, FileContent | null>>;

export type NewCommit = {
  readonly branch: string;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly dateMs: number;
  readonly files: Files;
};

/** Puts one commit on a branch, on top of what the branch holds, in one git process. */
export async function importCommit(
  folder: string,
  commit: NewCommit,
  parent: string | undefined,
): Promise<void> {
  const { name, email } = commit.author;
  const ref = `refs/heads/${commit.branch}`;
  const parts: Uint8Array[] = [
    line(`commit ${ref}`),
    line(`committer ${name} <${email}> ${Math.floor(commit.dateMs / 1000)} +0000`),
    ...data(Buffer.from(commit.message)),
    ...(parent ? [line(`from ${parent}`)] : []),
  ];
  for (const [path, content] of Object.entries(commit.files)) parts.push(...change(path, content));
  await git(folder, ["fast-import", "--quiet"], { input: Buffer.concat(parts) });
}

function change(path: string, content: FileContent | null): Uint8Array[] {
  if (content === null) return [line(`D ${quote(path)}`)];
  const plain = typeof content === "string" || content instanceof Uint8Array;
  const file = plain ? { content, mode: "100644" } : content;
  return [line(`M ${file.mode} inline ${quote(path)}`), ...data(Buffer.from(file.content))];
}

function data(bytes: Uint8Array): Uint8Array[] {
  return [line(`data ${bytes.length}`), bytes, line("")];
}

function line(text: string): Uint8Array {
  return Buffer.from(`${text}\n`);
}

function quote(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** All files of a folder but what lies in a `.git`, with links and executable bits kept. */
export async function readFolder(folder: string): Promise<Files> {
  const files: Record<string, FileContent> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const path = relative(folder, full).split(sep);
    if (entry.isDirectory() || path.includes(".git")) continue;
    files[path.join("/")] = await readEntry(full, entry.isSymbolicLink());
  }
  return files;
}

async function readEntry(path: string, isLink: boolean): Promise<FileContent> {
  if (isLink) return { content: await readlink(path), mode: "120000" };
  const content = await readFile(path);
  const executable = ((await lstat(path)).mode & 0o100) !== 0;
  return { content, mode: executable ? "100755" : "100644" };
}
