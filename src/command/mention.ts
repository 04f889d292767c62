import { stripHiddenCharacters } from "./hidden-characters.ts";

/** What a comment asks of Dunlin. An empty mention asks for help; `start` may carry no instruction. */
export type Mention =
  | { readonly verb: "help" }
  | { readonly verb: "stop" }
  | { readonly verb: "start"; readonly instruction?: string }
  | { readonly verb: "verify" }
  /** `findings` are the names as they were typed. */
  | { readonly verb: "accept"; readonly findings: readonly string[] }
  | { readonly verb: "unknown"; readonly word: string };

const STOP =
  /^(please[ ,]+)?(stop|cancel|abort)( (it|now|please|this|the|run|working|everything))*[ .!]*$/i;
const HELP = /^help[ .!?]*$/i;
const START = /^(fix|start|go|run|retry|solve|resolve)( (this|it|please|again|issue|the))*[ .!]*$/i;
const VERIFY =
  /^(please[ ,]+)?verify( (it|this|again|please|now|the|pull|request|pr|change))*[ .!]*$/i;
const ACCEPT = /^accept-test-change(?=$|[\s:,`])[:,]?/i;
// One plain word can't be an instruction, and "approve" must not start a run. Other scripts write sentences without spaces.
const ONE_WORD = /^\/?[a-z][a-z_-]*[.!?]*$/i;

/**
 * Reads the first mention of `mention` (`@slug`) that a reader of the rendered comment would take as meant: not in a
 * quote, code or an HTML comment, not part of an address, a path or a longer name. Undefined when there is none.
 */
export function parseMention(comment: string, mention: string): Mention | undefined {
  const text = stripHiddenCharacters(comment);
  const found = patternOf(mention).exec(maskUnspoken(text));
  if (found === null) return undefined;
  const rest = text.slice(found.index + found[0].length).replace(/^[)\]*_]*[\s,:;.!?]+/, "");
  return interpret(rest.trim());
}

function interpret(asked: string): Mention {
  const firstLine = (asked.split("\n")[0] ?? "").trim();
  if (asked === "" || HELP.test(firstLine)) return { verb: "help" };
  if (STOP.test(firstLine)) return { verb: "stop" };
  if (VERIFY.test(firstLine)) return { verb: "verify" };
  if (ACCEPT.test(firstLine)) return { verb: "accept", findings: findingsIn(firstLine) };
  if (START.test(asked)) return { verb: "start" };
  if (ONE_WORD.test(asked)) return { verb: "unknown", word: asked.replace(/[.!?]+$/, "") };
  return { verb: "start", instruction: asked };
}

/** All words after the verb: one that names nothing is answered, not passed over. */
function findingsIn(line: string): readonly string[] {
  const words = line.replace(ACCEPT, "").split(/[\s,`*]+/);
  return words
    .map((word) => word.replace(/[.!]+$/, "").toLowerCase())
    .filter((word) => word !== "");
}

function patternOf(mention: string): RegExp {
  const name = mention.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `(?<![\\p{L}\\p{N}_@/\\\\.+-])${name}(?:\\[bot\\])?(?![\\p{L}\\p{N}_/\\[@-]|\\.[\\p{L}\\p{N}])`,
    "iu",
  );
}

/** The same text at the same offsets, with everything that is quoted, code, hidden or an image blanked out. */
function maskUnspoken(text: string): string {
  const withoutHtml = blank(blankBlocks(text), [
    /<!--[\s\S]*?(?:-->|$)/g,
    /<(pre|code|blockquote|kbd|samp|script|style|details)\b[\s\S]*?(?:<\/\1\s*>|$)/gi,
  ]);
  return blank(withoutHtml, [
    /(?<![`\\])(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g,
    /!\[[^\]]*\]/g,
    /<[a-z/][^<>]*>/gi,
  ]);
}

function blank(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce(
    (masked, pattern) => masked.replace(pattern, (match) => match.replace(/[^\n]/g, " ")),
    text,
  );
}

const FENCE = /^[ >\t]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})/;
const INDENTED = /^(?: {4}| {0,3}\t)/;

/** Blanks quotes with the lines that lazily continue them, fenced code, and lines indented like code. */
function blankBlocks(text: string): string {
  let fence = "";
  let quoted = false;
  const isUnspoken = (line: string) => {
    const marks = FENCE.exec(line)?.[1] ?? "";
    if (fence !== "") {
      if (marks.startsWith(fence) && /^[\s>]*[`~]+\s*$/.test(line)) fence = "";
      return true;
    }
    quoted = /^ {0,3}>/.test(line) || (quoted && line.trim() !== "");
    fence = marks;
    return quoted || marks !== "" || INDENTED.test(line);
  };
  const lines = text.split("\n");
  return lines.map((line) => (isUnspoken(line) ? " ".repeat(line.length) : line)).join("\n");
}
