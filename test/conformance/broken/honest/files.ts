import { chmodSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../../../../src/errors.ts";
import type { ExecResult, FileWrite, Sandbox } from "../../../../src/sandbox/sandbox.ts";
import { PLACES } from "./engine.ts";
import { placed } from "./run.ts";

type Exec = Sandbox["exec"];

/** The file calls of an honest sandbox whose folders lie below `root`. */
export function honestFiles(
  root: string,
  workspaceMiB: number,
  exec: Exec,
  requireAlive: () => void,
): Pick<Sandbox, "readFile" | "writeFiles" | "uploadTar" | "downloadTar"> {
  return {
    async readFile(path, { maxBytes }) {
      requireAlive();
      checkPath(path);
      const place = placed(path, { root });
      const found = await stat(place).catch(() => undefined);
      if (!found?.isFile()) throw invalid("no-such-file", `${path} is no file.`);
      if (place === path && !path.startsWith("/proc/")) throw invalid("denied", "Not yours.");
      if (found.size > maxBytes) throw invalid("file-too-large", `${path} is too large.`);
      return readFile(place);
    },
    async writeFiles(files) {
      requireAlive();
      const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
      if (bytes > workspaceMiB * 1024 ** 2) throw full();
      for (const file of files) write(root, file);
    },
    async uploadTar(folder, tar) {
      requireAlive();
      checkPath(folder);
      const script = 'mkdir -p -- "$1" && exec tar -x --no-same-owner -f - -C "$1"';
      checkResult(
        await exec(["/bin/sh", "-c", script, "sh", folder], { stdin: tar, timeoutMs: 60_000 }),
      );
    },
    async *downloadTar(folder, paths, { maxBytes }) {
      requireAlive();
      checkPath(folder);
      const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(""));
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      const options = "--hard-dereference --null -T -".split(" ");
      const result = await exec(["tar", "-c", "-f", "-", "-C", folder, ...options], {
        stdin,
        timeoutMs: 60_000,
        cwd: "/",
        onOutput: ({ fd, data }) => {
          if (fd === 2) return;
          bytes += data.length;
          if (bytes > maxBytes) {
            throw new Failure("limit-reached", "archive-too-large", "There is too much of it.");
          }
          chunks.push(data);
        },
      });
      checkResult(result);
      yield* chunks;
    },
  };
}

function write(root: string, { path, data, mode = 0o644 }: FileWrite): void {
  checkPath(path);
  const place = placed(path, { root });
  if (place === path) throw invalid("denied", `Commands can't write at ${path}.`);
  for (const folder of foldersAbove(path)) {
    const found = lstatSync(placed(folder, { root }), { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) throw invalid("path-through-link", `${folder} is a link.`);
  }
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { force: true });
  writeFileSync(place, data);
  chmodSync(place, mode);
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split("/").slice(1, -1);
  const all = names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
  return all.filter((folder) => Object.keys(PLACES).some((at) => folder.startsWith(at)));
}

function checkPath(path: string): void {
  const names = path.slice(1).split("/");
  const isClean = path.startsWith("/") && !names.some((name) => /^\.{0,2}$/.test(name));
  if (!isClean || path.includes("\0")) throw invalid("bad-path", `${path} is no path.`);
}

function checkResult({ end, exitCode, stderr }: ExecResult): void {
  if (end === "exit" && exitCode === 0) return;
  if (end === "lost") throw new Failure("unavailable", "sandbox-lost", "The sandbox is gone.");
  throw invalid("archive", Buffer.from(stderr).toString());
}

function invalid(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}

function full(): Failure {
  return new Failure("limit-reached", "workspace-full", "The workspace is full.");
}
