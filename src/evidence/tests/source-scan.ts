/** A piece of JavaScript or TypeScript. `text` of a string is its value between the quotes, escapes not resolved. */
export type Token = {
  readonly kind: "word" | "number" | "string" | "template" | "regex" | "mark";
  readonly text: string;
  /** 1-based. */
  readonly line: number;
};

const WORD = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\.?\d(?:[eE][+-]|[\w.])*/y;
const MARK = /=>|\.\.\.|\?\.|&&=?|\|\|=?|\?\?=?|[=!]==?|\+\+|--|[-+*/%&|^<>]=|[^\s]/uy;
const SPACE = /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const QUOTED = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y;
// Bounded, or a line of opening brackets would take quadratic time.
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n]){0,300}\]|[^/\\\n[]){1,1000}\/[a-z]*/y;
const BEFORE_REGEX = new Set(
  "return typeof case in of delete void throw new else do await yield instanceof".split(" "),
);

/**
 * Tokens without comments and spaces. Not a parser: it tells strings, templates, comments and regular expressions
 * apart well enough to count calls. What it gets wrong: a regular expression after `)` is read as a division, text
 * between JSX tags is read as code, and a template is one token, its expressions unread.
 */
export function scanSource(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const space = match(SPACE, source, at);
    const token = space === undefined ? next(source, at, tokens.at(-1)) : undefined;
    const raw = space ?? token?.raw ?? source.charAt(at);
    if (token !== undefined) tokens.push({ kind: token.kind, text: token.text, line });
    line += countLines(raw);
    at += raw.length;
  }
  return tokens;
}

type Piece = { readonly kind: Token["kind"]; readonly text: string; readonly raw: string };

function next(source: string, at: number, previous: Token | undefined): Piece | undefined {
  const quoted = match(QUOTED, source, at);
  if (quoted !== undefined) return { kind: "string", text: unquote(quoted), raw: quoted };
  if (source.charAt(at) === "`") {
    const raw = source.slice(at, templateEnd(source, at));
    return { kind: "template", text: unquote(raw), raw };
  }
  const regex = startsRegex(previous) ? match(REGEX, source, at) : undefined;
  if (regex !== undefined) return { kind: "regex", text: regex, raw: regex };
  return (
    simple("word", WORD, source, at) ??
    simple("number", NUMBER, source, at) ??
    simple("mark", MARK, source, at)
  );
}

function simple(kind: Token["kind"], form: RegExp, source: string, at: number): Piece | undefined {
  const raw = match(form, source, at);
  return raw === undefined ? undefined : { kind, text: raw, raw };
}

function startsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === "word") return BEFORE_REGEX.has(previous.text);
  return previous.kind === "mark" && ![")", "]", "}", "++", "--"].includes(previous.text);
}

/** Nesting is kept on a list of its own: a hostile file may nest deeper than the call stack. */
function templateEnd(source: string, start: number): number {
  const depths = [TEMPLATE_TEXT];
  for (let at = start + 1; at < source.length; at++) {
    const depth = depths.at(-1) ?? TEMPLATE_TEXT;
    const character = source.charAt(at);
    if (character === "\\") at++;
    else if (depth === TEMPLATE_TEXT) at += stepText(source, at, depths);
    else at += stepExpression(source, at, depths, depth);
    if (depths.length === 0) return at + 1;
  }
  return source.length;
}

const TEMPLATE_TEXT = -1;

function stepText(source: string, at: number, depths: number[]): number {
  if (source.charAt(at) === "`") depths.pop();
  if (!source.startsWith("${", at)) return 0;
  depths.push(0);
  return 1;
}

/** Returns how many characters more than one to skip. */
function stepExpression(source: string, at: number, depths: number[], depth: number): number {
  const character = source.charAt(at);
  if (character === "`") depths.push(TEMPLATE_TEXT);
  else if (character === "{") depths[depths.length - 1] = depth + 1;
  else if (character === "}" && depth > 0) depths[depths.length - 1] = depth - 1;
  else if (character === "}") depths.pop();
  else return (match(QUOTED, source, at)?.length ?? 1) - 1;
  return 0;
}

function match(form: RegExp, source: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(source)?.[0];
}

function unquote(raw: string): string {
  const closed = raw.length > 1 && raw.at(-1) === raw.charAt(0);
  return raw.slice(1, closed ? -1 : undefined);
}

function countLines(raw: string): number {
  let count = 0;
  for (let at = raw.indexOf("\n"); at !== -1; at = raw.indexOf("\n", at + 1)) count++;
  return count;
}

/** The mark at this place, or nothing. */
export function markAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at];
  return token?.kind === "mark" ? token.text : "";
}

/** `end` is the index after it. */
export type Member = { readonly name: string; readonly end: number };

/** `.name`, `?.name` or `["name"]` at this place. */
export function memberAt(tokens: readonly Token[], at: number): Member | undefined {
  const mark = markAt(tokens, at);
  if (mark === "." || mark === "?.") return { name: tokens[at + 1]?.text ?? "", end: at + 2 };
  const inner = tokens[at + 1];
  if (mark !== "[" || inner?.kind !== "string" || markAt(tokens, at + 2) !== "]") return undefined;
  return { name: inner.text, end: at + 3 };
}
