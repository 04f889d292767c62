import { stripHiddenCharacters } from "./hidden-characters.ts";
import { maskVisibleCode } from "./visible-code.ts";

const COLLAPSED = "[collapsed section left out]";
const COMMENT = /<!--(?:-?>|[\s\S]*?(?:--!?>|$))/g;
const DECLARATION = /<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<![a-z][^<>]*>/gi;
const AUTOLINK = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]{1,100}@[^\s<>]{1,200})>/gi;
const UNCLOSED_TAG = /^[ \t>]*<[a-z/!?](?:(?!\n[ \t]*\n)[^>])*>?/gim;
const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:"[^"]{0,2000}"|'[^']{0,2000}'|[^"'<>]){0,500})>/gi;
const VOID = /^(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;
const NEVER_SHOWN = /^(?:script|style|template|title|noscript|iframe|object|svg|math|textarea)$/;
const HIDING =
  /\s(?:hidden\b|aria-hidden|(?:style|color|bgcolor)\s*=\s*["']?[^"']*(?:none|hidden|opacity\s*:\s*0|size\s*:\s*[01]\b|transparent|white|#f{3,8}\b))/i;

const IMAGE = /!\[(?:\\.|[^[\]\\]|\[[^\]]{0,500}\])*\](?:\([^)\n]*\)|\[[^\]\n]*\])?/g;
const EMPTY_LINK = /\[\s*\]\([^)\n]*\)/g;
const LINK_TITLE =
  /(\]\([ \t]*(?:<[^>\n]*>|[^\s()]*))\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))\s*\)/g;
const DEFINITION =
  /^[ \t>]*\[(?!\^)(?:\\.|[^[\]\\\n])+\]:[ \t]*\n?[ \t]*(?:<[^>\n]*>|\S+)(?:[ \t]*\n?[ \t]*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t]*$/gm;
const FOOTNOTE = /^\[\^([^\]\n]+)\]:.*(?:\n(?![ \t]*\n|\[\^).*)*/gm;

const ENTITY = /&(?:#(\d{1,7}|x[0-9a-f]{1,6})|([a-z]{2,32}));?/gi;
const HIDDEN_NAMES =
  /^(?:shy|zwj|zwnj|lrm|rlm|nobreak|applyfunction|af|invisibletimes|it|invisiblecomma|ic|zerowidthspace|negative\w+space)$/i;

/**
 * What a reader of the rendered Markdown sees of it: without comments, collapsed or hidden elements, tags, alternative
 * texts, titles, link definitions, and characters that draw nothing. Code keeps its text where it surely is code.
 */
export function stripHidden(markdown: string): string {
  const { masked, unmask } = maskVisibleCode(stripHiddenCharacters(markdown));
  const text = withoutElements(
    masked.replace(COMMENT, "").replace(DECLARATION, "").replace(AUTOLINK, "$1"),
  );
  return unmask(withoutLinkExtras(text.replace(UNCLOSED_TAG, "")).replace(ENTITY, visibleEntity))
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

type Hidden = { readonly name: string; depth: number; showing: boolean };

/** Drops every tag, and the contents of elements that a browser doesn't show before somebody clicks. */
function withoutElements(text: string): string {
  const shown: string[] = [];
  let at = 0;
  let hidden: Hidden | undefined;
  const show = (part: string) => {
    if (hidden === undefined || hidden.showing) shown.push(part);
  };
  for (const tag of text.matchAll(TAG)) {
    show(text.slice(at, tag.index));
    at = tag.index + tag[0].length;
    const [, slash, name = "", attributes = ""] = tag;
    const was = hidden;
    hidden = after(hidden, name.toLowerCase(), slash === "/", attributes);
    if (hidden === undefined) shown.push(shownInstead(name.toLowerCase(), was));
  }
  show(text.slice(at));
  return shown.join("");
}

function after(hidden: Hidden | undefined, name: string, closes: boolean, attributes: string) {
  if (hidden !== undefined) return inside(hidden, name, closes);
  const hides = !closes && !VOID.test(name) && isHidden(name, attributes);
  return hides ? { name, depth: 1, showing: false } : undefined;
}

/** A collapsed section still shows its summary. Undefined when the hidden element has ended. */
function inside(hidden: Hidden, name: string, closes: boolean): Hidden | undefined {
  if (name === hidden.name) hidden.depth += closes ? -1 : 1;
  if (hidden.depth === 0) return undefined;
  const isSummary = hidden.name === "details" && hidden.depth === 1 && name === "summary";
  hidden.showing = isSummary && !closes;
  return hidden;
}

function isHidden(name: string, attributes: string): boolean {
  if (name === "details") return !/^\s+open(?:="")?\s*$/i.test(attributes);
  return NEVER_SHOWN.test(name) || HIDING.test(attributes);
}

function shownInstead(name: string, ended: Hidden | undefined): string {
  if (ended !== undefined) return name === "details" ? ` ${COLLAPSED}` : "";
  if (name === "img") return "[image]";
  if (name === "br") return "\n";
  return name === "td" || name === "th" ? " " : "";
}

function withoutLinkExtras(text: string): string {
  const noted = new Set([...text.matchAll(/\[\^([^\]\n]+)\](?!:)/g)].map((match) => match[1]));
  return text
    .replace(FOOTNOTE, (note: string, name: string) => (noted.has(name) ? note : ""))
    .replace(DEFINITION, "")
    .replace(IMAGE, "[image]")
    .replace(EMPTY_LINK, "")
    .replace(LINK_TITLE, "$1)");
}

function visibleEntity(entity: string, number: string | undefined, name: string | undefined) {
  if (name !== undefined) return HIDDEN_NAMES.test(name) ? "" : entity;
  const code = Number(number?.replace(/^x/i, "0x"));
  return code <= 0x10ffff && stripHiddenCharacters(String.fromCodePoint(code)) === "" ? "" : entity;
}
