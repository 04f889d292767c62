import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { random } from "../random.ts";

/** As many folders in each folder as lead to enough files in the sixth level. */
const LEVELS = 6;
const FOLDERS_A_LEVEL = 4;
const FILES = 9_000;
const TREE_BYTES = 70_000_000;
/** Later commits change this many files each. */
const CHANGED_FILES = 300;
const COMMITS = 12;

/** A file that is in the sixth level. */
export const DEEP_FILE = pathOf(FILES - 1);

/**
 * A bare repository in `folder` with a `main` of 9,000 files in 6 levels, 70 MB, and commits before it: 20 MB of packed
 * objects. It is always the same.
 */
export async function generateRepository(folder: string): Promise<void> {
  await git(["init", "--quiet", "--bare", "--initial-branch=main", folder]);
  const importing = spawn("git", ["-C", folder, "fast-import", "--quiet"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(importing, "close");
  await pipeline(Readable.from(commits()), importing.stdin);
  await ended;
  if (importing.exitCode !== 0) throw new Error("git could not import the generated repository.");
}

function* commits(): Generator<string> {
  const words = wordsOf(random(1));
  for (let commit = 0; commit < COMMITS; commit += 1) {
    yield `commit refs/heads/main\ncommitter Bench <bench@localhost> ${commit} +0000\n`;
    yield `data 4\nWork\n`;
    const first = commit === 0;
    for (let file = 0; file < (first ? FILES : CHANGED_FILES); file += 1) {
      const path = pathOf(first ? file : (file * 29 + commit * 7) % FILES);
      const text = textOf(TREE_BYTES / FILES, random(commit * FILES + file), words);
      yield `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`;
    }
  }
  yield "done\n";
}

function pathOf(file: number): string {
  const depth = file % LEVELS;
  let folder = "";
  let rest = Math.floor(file / LEVELS);
  for (let level = 0; level < depth; level += 1) {
    folder += `folder-${rest % FOLDERS_A_LEVEL}/`;
    rest = Math.floor(rest / FOLDERS_A_LEVEL);
  }
  return `${folder}file-${file}.txt`;
}

function textOf(bytes: number, next: () => number, words: readonly string[]): string {
  let text = "";
  while (text.length < bytes) {
    // Squared: some words are frequent, as in any language, so that it packs like one.
    const word = words[Math.floor(next() ** 2 * words.length)] ?? "";
    text += next() < 0.1 ? `${word}\n` : `${word} `;
  }
  return text;
}

function wordsOf(next: () => number): readonly string[] {
  const letter = () => String.fromCharCode(97 + Math.floor(next() * 26));
  const word = () => Array.from({ length: 3 + Math.floor(next() * 8) }, letter).join("");
  return Array.from({ length: 4_000 }, word);
}

export async function git(args: readonly string[]): Promise<void> {
  const running = spawn("git", args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  running.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await once(running, "close");
  if (running.exitCode !== 0) throw new Error(`git ${args[0]} failed here: ${said}`);
}
