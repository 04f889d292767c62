// Zero-width, bidirectional and tag characters, fillers, selectors, soft hyphens, annotations.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
const ENTITY =
  /&(?:#(\d{2,7})|#x([0-9a-f]{1,6})|(zwj|zwnj|lrm|rlm|shy|ZeroWidthSpace|NoBreak));/giu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const JOINER = "\u200d";
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * What a person sees of a Markdown text: HTML comments, comment-like link definitions, control characters and
 * invisible characters are gone. Comments inside code are visible and stay, as do joiners inside emoji and of scripts
 * that need them.
 */
export function visibleText(markdown: string): string {
  const decoded = markdown.replace(/\r\n?/g, "\n").replace(ENTITY, decodeInvisible);
  const shown = decoded.replace(CONTROL, "").replace(INVISIBLE, keepIfShown);
  return dropComments(shown);
}

/** An entity that stands for an invisible character is that character; all others stay as written. */
function decodeInvisible(entity: string, decimal?: string, hexadecimal?: string): string {
  if (decimal === undefined && hexadecimal === undefined) return "";
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  if (code > 0x10ffff) return entity;
  const character = String.fromCodePoint(code);
  return character.replace(CONTROL, "").replace(INVISIBLE, "") === "" && code > 31 ? "" : entity;
}

const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?$/u;
const SELECTABLE = /[\p{Extended_Pictographic}0-9#*]$/u;
const JOINING_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Gujarati}\p{Script=Syriac}\p{Script=Mongolian}]$/u;

/** Joiners inside emoji, selectors of their style, and joiners between letters of scripts that need them. */
function keepIfShown(character: string, offset: number, text: string): string {
  const before = text.slice(Math.max(0, offset - 3), offset);
  const after = text.slice(offset + character.length, offset + character.length + 2);
  const shows =
    (character === JOINER && PICTURE.test(before) && /^\p{Extended_Pictographic}/u.test(after)) ||
    (/[\ufe0e\ufe0f]/.test(character) && SELECTABLE.test(before)) ||
    (/[\u200c\u200d]/.test(character) && JOINING_SCRIPT.test(before) && /^\p{L}/u.test(after));
  return shows ? character : "";
}

function dropComments(text: string): string {
  const parts: string[] = [];
  let prose: string[] = [];
  let fence = "";
  let inComment = false;
  const flush = () => {
    if (prose.length > 0) parts.push(dropFromProse(prose.join("\n")));
    prose = [];
  };
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (fence !== "") {
      parts.push(line);
      if (mark.startsWith(fence) && line.trim() === mark) fence = "";
    } else if (mark !== "" && !inComment) {
      flush();
      fence = mark;
      parts.push(line);
    } else {
      prose.push(line);
      inComment = endsInComment(line, inComment);
    }
  }
  flush();
  return parts.join("\n");
}

/** Whether a fence in the next line would stand inside an HTML comment, and be none. */
function endsInComment(line: string, before: boolean): boolean {
  const text = before ? line : line.replace(INLINE_CODE, "");
  const opened = text.lastIndexOf("<!--");
  const closed = text.lastIndexOf("-->");
  return opened === closed ? before : opened > closed;
}

const INLINE_CODE = /(`+)(?!`)[^\n]*?[^`]\1(?!`)/g;
const COMMENT_OR_CODE = new RegExp(`${INLINE_CODE.source}|<!--[\\s\\S]*?(?:-->|$)`, "g");

function dropFromProse(prose: string): string {
  return prose
    .replace(COMMENT_OR_CODE, (found) => (found.startsWith("<!--") ? "" : found))
    .replace(/^ {0,3}\[[^\]\n]*\]: *(?:#|<>) *(?:\(.*\)|".*"|'.*') *$/gm, "");
}
