import { z } from "zod";
import { runCommand } from "./command.ts";
import { shownPath, workspacePath } from "./paths.ts";
import { loadFile, missingFile } from "./text-file.ts";
import { type Bench, type Tool, type ToolResult, toolInput } from "./tool.ts";

const SHOWN_BYTES = 32 * 1024;
const SHOWN_LINE_CHARS = 500;
const SHOWN_ENTRIES = 300;

const input = toolInput(
  "read_file",
  "Read a text file with line numbers (a number and a tab before each line, not part of it), or list a folder. Read in parts with offset and limit; at most 32 KB at once.",
  z.object({
    path: z.string().min(1).describe("Relative to the workspace."),
    offset: z.int().min(1).default(1).describe("First line."),
    limit: z.int().min(1).max(2_000).default(400).describe("Number of lines."),
  }),
);

type ReadFile = { path: string; offset: number; limit: number };

export const readFile: Tool<ReadFile> = {
  ...input,
  async run(request, bench) {
    const path = workspacePath(request.path);
    const file = await loadFile(bench, path);
    if (file === "missing") {
      return { text: (await listFolder(bench, path)) ?? (await missingFile(bench, path)) };
    }
    if (file === "too-large") return readPart(bench, path, request);
    if (file.text === undefined) {
      const text = `${shownPath(path)} is not UTF-8 text (${file.bytes} bytes). Look at it with shell.`;
      return { text };
    }
    const lines = splitLines(file.text.replace(/^\uFEFF/, ""));
    return { text: showLines(lines, request), seen: [{ path, sha: file.sha }] };
  },
};

function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function showLines(lines: readonly string[], { offset, limit }: ReadFile): string {
  if (lines.length === 0) return "The file is empty.";
  if (offset > lines.length) return `Error: the file has only ${lines.length} lines.`;
  const shown = numberLines(lines.slice(offset - 1, offset - 1 + limit), offset);
  const last = offset + shown.length - 1;
  if (last < lines.length) {
    shown.push(`[lines ${offset} to ${last} of ${lines.length}; go on with offset ${last + 1}]`);
  }
  return shown.join("\n");
}

function numberLines(lines: readonly string[], offset: number): string[] {
  const shown: string[] = [];
  let left = SHOWN_BYTES;
  for (const [index, line] of lines.entries()) {
    const text = `${offset + index}\t${cutLine(line)}`;
    left -= new TextEncoder().encode(text).length + 1;
    if (left < 0 && shown.length > 0) break;
    shown.push(text);
  }
  return shown;
}

function cutLine(line: string): string {
  if (line.length <= SHOWN_LINE_CHARS) return line;
  return `${line.slice(0, SHOWN_LINE_CHARS)}[… line cut, ${line.length} characters]`;
}

/** A window of a file too large to be taken as a whole, so it isn't `seen`. */
async function readPart(bench: Bench, path: string, request: ReadFile): Promise<ToolResult> {
  const { offset, limit } = request;
  const script = 'tail -n "+$2" -- "$1" | head -n "$3" | head -c 131072';
  const argv = ["sh", "-c", script, "sh", path, String(offset), String(limit)];
  const result = await runCommand(bench, argv, { timeoutMs: 60_000, maxOutputBytes: 262_144 });
  const lines = numberLines(splitLines(new TextDecoder().decode(result.stdout)), offset);
  const next = offset + lines.length;
  const text =
    lines.length === 0
      ? `Error: there is nothing at line ${offset}.`
      : `${lines.join("\n")}\n[the file is larger than 4 MiB; go on with offset ${next}]`;
  return { text };
}

async function listFolder(bench: Bench, path: string): Promise<string | undefined> {
  const script = `cd -- "$1" 2>/dev/null || exit 3; ls -1Ap | head -n ${SHOWN_ENTRIES + 1}`;
  const result = await runCommand(bench, ["sh", "-c", script, "sh", path], {
    timeoutMs: 30_000,
    maxOutputBytes: 262_144,
  });
  if (result.exitCode === 3) return undefined;
  const entries = splitLines(new TextDecoder().decode(result.stdout));
  if (entries.length === 0) return "The folder is empty.";
  const more = entries.length > SHOWN_ENTRIES ? ["[… and more; use shell]"] : [];
  return [...entries.slice(0, SHOWN_ENTRIES), ...more].join("\n");
}
