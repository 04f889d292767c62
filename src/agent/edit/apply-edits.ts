import { findMatches, type Match, type Rung } from "./match.ts";
import { nearestWindows } from "./nearest.ts";

export type Edit = {
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all: boolean;
};

export type Edited =
  | {
      readonly ok: true;
      readonly text: string;
      /** 1-based lines of the new text where a change begins, and the looser rungs that were needed. */
      readonly lines: readonly number[];
      readonly rungs: readonly Rung[];
    }
  | { readonly ok: false; readonly why: string };

const SHOWN_LINES = 20;

/** Applies the edits one after the other, all or none. A byte order mark and each untouched line end are kept. */
export function applyEdits(source: string, edits: readonly Edit[]): Edited {
  const mark = source.startsWith("\uFEFF") ? "\uFEFF" : "";
  let text = source.slice(mark.length);
  const lines: number[] = [];
  const rungs = new Set<Rung>();
  for (const [index, edit] of edits.entries()) {
    const step = applyEdit(text, edit);
    if (!step.ok) {
      const which = edits.length === 1 ? "" : ` (edit ${index + 1} of ${edits.length})`;
      return { ok: false, why: `${step.why}${which} No edit of this call was applied.` };
    }
    text = step.text;
    lines.push(...step.lines);
    for (const rung of step.rungs) rungs.add(rung);
  }
  return { ok: true, text: mark + text, lines, rungs: [...rungs] };
}

function applyEdit(source: string, edit: Edit): Edited {
  const plain = source.replaceAll("\r\n", "\n");
  const old = edit.old_string.replaceAll("\r\n", "\n");
  const replacement = edit.new_string.replaceAll("\r\n", "\n");
  if (old === "") return refuse("old_string is empty; use write_file for a new file.");
  if (old === replacement) return refuse("old_string and new_string are the same.");
  const { found, rung } = findMatches(plain, old);
  if (found.length === 0) return refuse(notFound(plain, old));
  if (found.length > 1 && !edit.replace_all) return refuse(ambiguous(found));
  const text = splice(source, plain, found, (match) =>
    rung === "exact"
      ? replacement
      : reindent(plain.slice(match.start, match.end), old, replacement),
  );
  return {
    ok: true,
    text,
    lines: found.map((match) => match.line),
    rungs: rung === "exact" ? [] : [rung],
  };
}

function refuse(why: string): Edited {
  return { ok: false, why: `Error: ${why}` };
}

function ambiguous(found: readonly Match[]): string {
  const lines = found.slice(0, SHOWN_LINES).map((match) => match.line);
  const more = found.length > SHOWN_LINES ? ", …" : "";
  return `old_string stands ${found.length} times in the file, at lines ${lines.join(", ")}${more}. Add a line or two of context to make it unique, or set replace_all.`;
}

function notFound(text: string, old: string): string {
  const windows = nearestWindows(text, old);
  const nearest =
    windows.length === 0 ? "" : ` The nearest places are:\n${windows.join("\n--\n")}\n`;
  return `old_string was not found.${nearest} Read the file again and copy the lines exactly, without line numbers; if it keeps failing, use write_file.`;
}

/** Replaces ranges of `plain` in `source`, which differs from it only by `\r\n` line ends. */
function splice(
  source: string,
  plain: string,
  found: readonly Match[],
  replacementOf: (match: Match) => string,
): string {
  const ends = source.includes("\r\n") ? carriageReturns(source) : [];
  const windows = ends.length * 2 > plain.split("\n").length - 1;
  const parts: string[] = [];
  let kept = 0;
  for (const match of found) {
    const text = replacementOf(match);
    parts.push(source.slice(kept, toSource(ends, match.start)));
    parts.push(windows ? text.replaceAll("\n", "\r\n") : text);
    kept = toSource(ends, match.end);
  }
  parts.push(source.slice(kept));
  return parts.join("");
}

/** Offsets, in the text without them, of the line ends that had a carriage return. */
function carriageReturns(source: string): number[] {
  const offsets: number[] = [];
  for (let at = source.indexOf("\r\n"); at >= 0; at = source.indexOf("\r\n", at + 2)) {
    offsets.push(at - offsets.length);
  }
  return offsets;
}

function toSource(ends: readonly number[], offset: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return offset + low;
}

/** Moves the new lines by as much as the found ones differ in indentation from what the model wrote. */
function reindent(found: string, old: string, replacement: string): string {
  const actual = indentOf(found);
  const written = indentOf(old);
  if (actual === written) return replacement;
  const lines = replacement.split("\n");
  const moved = lines.map((line) => {
    if (line.trim() === "" || !line.startsWith(written)) return line;
    return actual + line.slice(written.length);
  });
  return moved.join("\n");
}

function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? "";
}
