/** What stands before a line's own text: indentation, quote and list marks. */
export const LINE_PREFIX = /^(?:[\s>]|[-*+]\s|\d+[.)]\s)*/;

// What GitHub or a bot acts on: addresses, mentions, references; at a line's start also commands.
const ACTIVE =
  /(?:(?:[a-z][a-z0-9+.-]*)?:\/\/|www\.|mailto:|xmpp:)[^\s<>]*|[\w.+-]*@[\w/.-]*[\w/-]|[\w./-]*#\d+|\w*GH-\d+/gi;
const COMMAND = /^(\s*)(\/[a-z][^\s<>]*)/i;
const HEADING = /^#{1,6}(?:\s|$)|^(?:=+|-+)\s*$/;
const SPECIAL = /\\[!-/:-@[-`{-~]|\\|[<[\]|$]|&(?!(?:amp|lt);)(?=#\w+;|[a-z][a-z\d]*;)/gi;

type Piece = { readonly kind: "text" | "code"; readonly text: string };

/** One line outside of fenced code, with everything active turned into code or escaped. Idempotent. */
export function sanitizeLine(line: string): string {
  const pieces = splitCode(line).flatMap((piece, at) =>
    piece.kind === "code" ? [piece] : splitActive(piece.text, at === 0),
  );
  const written = pieces.map((piece, at) => {
    if (piece.kind === "text") return escapeText(piece.text);
    // Two code spans side by side would be read as one.
    return (pieces[at - 1]?.kind === "code" ? " " : "") + codeSpan(piece.text);
  });
  const clean = written.join("");
  const prefix = LINE_PREFIX.exec(clean)?.[0] ?? "";
  const own = clean.slice(prefix.length);
  return HEADING.test(own) ? `${prefix}\\${own}` : clean;
}

/** Code spans as CommonMark pairs them, within one line; a backtick that opens none becomes an apostrophe. */
function splitCode(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  let end = 0;
  for (const mark of line.matchAll(/\\[\s\S]|`+|[^\\`]+|\\/g)) {
    if (mark.index < end) continue;
    const closing = mark[0].startsWith("`")
      ? closingRun(line, mark.index + mark[0].length, mark[0].length)
      : -1;
    if (closing === -1) {
      text += mark[0].startsWith("`") ? "'".repeat(mark[0].length) : mark[0].replace("\\`", "'");
      continue;
    }
    pieces.push({ kind: "text", text });
    pieces.push({ kind: "code", text: unpad(line.slice(mark.index + mark[0].length, closing)) });
    text = "";
    end = closing + mark[0].length;
  }
  return [...pieces, { kind: "text", text } as const].filter((piece) => piece.text !== "");
}

function closingRun(line: string, from: number, length: number): number {
  for (const run of line.slice(from).matchAll(/`+/g)) {
    if (run[0].length === length) return from + run.index;
  }
  return -1;
}

function unpad(code: string): string {
  return code.startsWith(" ") && code.endsWith(" ") && code.trim() !== ""
    ? code.slice(1, -1)
    : code;
}

function codeSpan(code: string): string {
  const mark = "`".repeat(Math.max(0, ...backtickRuns(code)) + 1);
  const padded = /^`|`$/.test(code) || unpad(code) !== code ? ` ${code} ` : code;
  return `${mark}${padded}${mark}`;
}

/** Lengths of the runs of backticks in a text. */
export function backtickRuns(text: string): readonly number[] {
  return (text.match(/`+/g) ?? []).map((run) => run.length);
}

function splitActive(escaped: string, startsLine: boolean): readonly Piece[] {
  const text = escaped.replace(/\\([\s\S])/g, (pair, character: string, at: number) =>
    isNeedless(character, escaped.charAt(at - 1)) ? character : pair,
  );
  const command = startsLine ? COMMAND.exec(text) : null;
  const pieces: Piece[] = [];
  let at = 0;
  const add = (start: number, active: string) => {
    pieces.push({ kind: "text", text: text.slice(at, start) }, { kind: "code", text: active });
    at = start + active.length;
  };
  if (command !== null) add(command[1]?.length ?? 0, command[2] ?? "");
  for (const match of text.matchAll(ACTIVE)) if (match.index >= at) add(match.index, match[0]);
  pieces.push({ kind: "text", text: text.slice(at) });
  return pieces.filter((piece) => piece.text !== "");
}

/** An escape that only hides an address, a mention or a reference from the search above. */
function isNeedless(character: string, before: string): boolean {
  return "/:.@#&<".includes(character) || ("-_+".includes(character) && /\w/.test(before));
}

function escapeText(text: string): string {
  return text.replace(SPECIAL, (special) => {
    if (special === "<") return "&lt;";
    if (special === "&") return "&amp;";
    return special.length > 1 ? special : `\\${special}`;
  });
}
