// Private use, which the texts given here don't contain any more.
const OPEN = "\ue000";
const CLOSE = "\ue001";

const TAG =
  /<\/?[a-z][a-z0-9-]*(?:\s+[^\s"'=<>`]{1,100}(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>|<[a-z][a-z0-9+.-]*:[^\s<>]*>/iy;
const CONTAINERS = String.raw`^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*`;
const HTML_BLOCK = new RegExp(`${CONTAINERS}<[a-z/!?]`, "i");
const LONG_HTML_BLOCK = new RegExp(`${CONTAINERS}<(?:pre|script|style|textarea|\\?|!(?!--))`, "i");

type Scan = {
  /** False once anything was unclear: from there on nothing counts as code. */
  sure: boolean;
  /** Until the next blank line a backtick may be no code. */
  unclear: boolean;
  inComment: boolean;
  fence: string;
  readonly codes: string[];
};

/**
 * Replaces code by placeholders, but only code that is surely shown to a reader as code: fences at the start of a line
 * and spans within one line, away from HTML. What is unclear is left as text, so that nothing hidden can pass as code.
 */
export function maskVisibleCode(markdown: string): {
  readonly masked: string;
  readonly unmask: (text: string) => string;
} {
  const scan: Scan = { sure: true, unclear: false, inComment: false, fence: "", codes: [] };
  const masked = markdown
    .split("\n")
    .map((line) => maskLine(scan, line))
    .join("\n");
  return {
    masked,
    unmask: (text) =>
      text.replace(/\ue000(\d+)\ue001/g, (_, index: string) => scan.codes[Number(index)] ?? ""),
  };
}

function maskLine(scan: Scan, line: string): string {
  if (!scan.sure) return line;
  if (scan.fence !== "") return maskFenced(scan, line);
  if (line.trim() === "") {
    scan.unclear = false;
    return line;
  }
  const fence = /^(`{3,}(?=[^`]*$)|~{3,})\s*([\w+#.-]{0,20})/.exec(line);
  if (fence !== null && !scan.unclear && !scan.inComment) {
    scan.fence = fence[1] ?? "";
    // The rest of the line behind the language is never shown.
    return `${scan.fence}${fence[2]}`;
  }
  if (/`{3}|~{3}/.test(line) || LONG_HTML_BLOCK.test(line)) {
    scan.sure = false;
    return line;
  }
  if (HTML_BLOCK.test(line)) scan.unclear = true;
  return maskSpans(scan, line);
}

function maskFenced(scan: Scan, line: string): string {
  const closing = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1] ?? "";
  if (!closing.startsWith(scan.fence)) return placeholder(scan, line);
  scan.fence = "";
  return closing;
}

function maskSpans(scan: Scan, line: string): string {
  let out = "";
  let at = 0;
  while (at < line.length) {
    const end = scan.inComment ? endOfComment(scan, line, at) : endOfNext(scan, line, at);
    const part = line.slice(at, end);
    const isCode = !scan.unclear && !scan.inComment && part.length > 1 && part.startsWith("`");
    out += isCode ? placeholder(scan, part) : part;
    at = end;
  }
  return out;
}

function endOfComment(scan: Scan, line: string, at: number): number {
  const end = line.indexOf("-->", at);
  if (end < 0) return line.length;
  scan.inComment = false;
  scan.unclear = true;
  return end + 3;
}

/** Where the piece that starts at `at` ends: a code span, an escape, a tag, the start of a comment or plain text. */
function endOfNext(scan: Scan, line: string, at: number): number {
  if (line.startsWith("\\`", at)) return at + 2;
  if (line.startsWith("<!--", at)) {
    scan.inComment = true;
    return at + 2;
  }
  if (line[at] === "<") return endOfTag(scan, line, at);
  if (line[at] === "`") return endOfSpan(scan, line, at);
  const next = line.slice(at + 1).search(/[\\<`]/);
  return next < 0 ? line.length : at + 1 + next;
}

function endOfTag(scan: Scan, line: string, at: number): number {
  TAG.lastIndex = at;
  if (TAG.test(line)) return TAG.lastIndex;
  if (/^<[a-z/!?]/i.test(line.slice(at, at + 2))) scan.unclear = true;
  return at + 1;
}

function endOfSpan(scan: Scan, line: string, at: number): number {
  const marks = /^`+/.exec(line.slice(at))?.[0] ?? "`";
  const start = at + marks.length;
  if (scan.unclear) return start;
  for (const run of line.slice(start).matchAll(/`+/g)) {
    if (run[0].length !== marks.length) continue;
    if (line.slice(start, start + run.index).includes("|")) break;
    return start + run.index + marks.length;
  }
  // It may go on in the next line, or be cut by a table's cell.
  scan.unclear = true;
  return start;
}

function placeholder(scan: Scan, code: string): string {
  scan.codes.push(code);
  return `${OPEN}${scan.codes.length - 1}${CLOSE}`;
}
