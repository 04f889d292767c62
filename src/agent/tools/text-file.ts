import { Failure } from "../../errors.ts";
import { runCommand } from "./command.ts";
import { shownPath } from "./paths.ts";
import type { Bench } from "./tool.ts";

/** Files above this are read in parts and can't be edited by the file tools. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

export type LoadedFile = {
  readonly sha: string;
  readonly bytes: number;
  /** Undefined when the content isn't UTF-8 text. A byte order mark is part of it. */
  readonly text?: string;
};

/** The whole file, or why there is none to be had. */
export async function loadFile(
  bench: Bench,
  path: string,
): Promise<LoadedFile | "missing" | "too-large"> {
  try {
    const data = await bench.sandbox.readFile(path, { maxBytes: MAX_FILE_BYTES });
    const text = decode(data);
    const sha = bench.digestOf(data);
    return { sha, bytes: data.length, ...(text === undefined ? {} : { text }) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "no-such-file") return "missing";
    if (error.code === "file-too-large") return "too-large";
    throw error;
  }
}

function decode(data: Uint8Array): string | undefined {
  if (data.subarray(0, 8_192).includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

/** Writes the file with the mode it had and returns its new digest. */
export async function storeFile(bench: Bench, path: string, text: string): Promise<string> {
  const data = new TextEncoder().encode(text);
  const probe = await runCommand(bench, ["test", "-x", path], { timeoutMs: 10_000 });
  const mode = probe.exitCode === 0 ? 0o755 : 0o644;
  const file = { path, data, mode } as const;
  await bench.sandbox.writeFiles([file]);
  bench.wrote(file);
  return bench.digestOf(data);
}

/** What `missing` means to a model that wanted to read: the likely files, from the repository's own list. */
export async function missingFile(bench: Bench, path: string): Promise<string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const list = 'git ls-files -co --exclude-standard -- ":(glob)**/$1" | head -n 5';
  const found = await runCommand(bench, ["sh", "-c", list, "sh", name], {
    timeoutMs: 10_000,
    maxOutputBytes: 8_192,
  });
  const names = new TextDecoder().decode(found.stdout).trim();
  const hint = names === "" ? "List the folder with read_file." : `Did you mean one of\n${names}`;
  return `Error: there is no file ${shownPath(path)}. ${hint}`;
}
