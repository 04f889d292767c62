import { execFileSync } from "node:child_process";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const ENV = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_AUTHOR_DATE: "@1700000000 +0000",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
  GIT_COMMITTER_DATE: "@1700000000 +0000",
};

export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, env: ENV, stdio: ["ignore", "pipe", "pipe"] })
    .toString()
    .trim();
}

/** With something on standard input. */
export function gitInput(folder: string, input: string | Uint8Array, ...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, env: ENV, input }).toString().trim();
}

/** A file's content; `link` makes a symbolic link, `executable` sets the bit. */
export type Fixture =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly executable: string };

export async function writeFixture(folder: string, path: string, fixture: Fixture): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await rm(file, { force: true });
  const { mode, data } = parseFixture(fixture);
  if (mode === "120000") return symlink(data.toString(), file);
  await writeFile(file, data);
  await chmod(file, mode === "100755" ? 0o755 : 0o644);
}

/** A bare repository at `<root>/<name>` with one commit on `main`; returns its sha. */
export function makeRepository(
  root: string,
  name: string,
  files: Readonly<Record<string, Fixture>>,
): string {
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", name);
  git(join(root, name), "config", "http.receivepack", "true");
  return commitTo(root, name, files, "Start");
}

/** Adds a commit with these files to `main`, by objects alone: paths and contents may be as odd as they like. */
export function commitTo(
  root: string,
  name: string,
  files: Readonly<Record<string, Fixture>>,
  message: string,
): string {
  const bare = join(root, name);
  const isFirst = git(bare, "for-each-ref", "refs/heads/main") === "";
  const parts: (string | Uint8Array)[] = [
    "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\n",
    `data ${message.length}\n${message}\n`,
    isFirst ? "" : "from refs/heads/main^0\n",
  ];
  for (const [path, fixture] of Object.entries(files)) {
    const { mode, data } = parseFixture(fixture);
    parts.push(`M ${mode} inline ${JSON.stringify(path)}\ndata ${data.length}\n`, data, "\n");
  }
  const stream = Buffer.concat(parts.map((part) => Buffer.from(part)));
  gitInput(bare, stream, "fast-import", "--quiet");
  return git(bare, "rev-parse", "main");
}

function parseFixture(fixture: Fixture): { readonly mode: string; readonly data: Buffer } {
  if (typeof fixture === "string" || fixture instanceof Uint8Array) {
    return { mode: "100644", data: Buffer.from(fixture) };
  }
  if ("link" in fixture) return { mode: "120000", data: Buffer.from(fixture.link) };
  return { mode: "100755", data: Buffer.from(fixture.executable) };
}
