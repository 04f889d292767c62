import { cutAt, oneLine, visibleText } from "./visible-text.ts";

/**
 * Untrusted text as a code span on one line: nothing in it is a link, a mention, a reference, an image or HTML, and it
 * stands safely in a table's cell.
 */
export function inlineCode(text: string, maxLength = 300): string {
  const line = oneLine(text, maxLength);
  if (line === "") return "(empty)";
  const fence = "`".repeat(longestRun(line) + 1);
  const padded = /^[`]|[`]$/.test(line) ? ` ${line} ` : line;
  return (
    fence + padded.replace(/(\\?)\|/g, (_, slash: string) => (slash ? "\\ \\|" : "\\|")) + fence
  );
}

/** Untrusted text as a code block that it can't close; at most `maxLength` characters, the last ones. */
export function codeBlock(text: string, maxLength: number): string {
  const visible = visibleText(text).replace(/\n+$/, "");
  const kept =
    visible.length <= maxLength
      ? visible
      : `[… ${visible.length - maxLength} characters cut]\n${cutFront(visible, maxLength)}`;
  const fence = "`".repeat(Math.max(3, longestRun(kept) + 1));
  return `${fence}text\n${kept}\n${fence}`;
}

/** A folded part of a page. `summary` is Dunlin's own text, `body` finished Markdown. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** Rows of a table or list on a pull request; a check run has room for more. */
export const PAGE_ROWS = 20;

/** A table of finished cells; rows above `most` are counted in a last line. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  most = PAGE_ROWS,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const shown = [line(head), line(head.map(() => "---")), ...rows.slice(0, most).map(line)];
  return shown.join("\n") + more(rows.length - most);
}

/** A list of finished lines; those above `most` are counted in a last line. */
export function list(items: readonly string[], most = PAGE_ROWS): string {
  const shown = items.slice(0, most).map((item) => `- ${item}`);
  return shown.join("\n") + more(items.length - most);
}

function more(count: number): string {
  return count > 0 ? `\n\nand ${count} more` : "";
}

const SQUARES = 10;

/**
 * A bar of ten squares, green, red and white, as long as the parts are large; a part that isn't empty has a square at
 * least. Empty when all are.
 */
export function bar(parts: {
  readonly pass: number;
  readonly fail: number;
  readonly skip: number;
}) {
  const all = parts.pass + parts.fail + parts.skip;
  if (all === 0) return "";
  const squares = (part: number) =>
    part === 0 ? 0 : Math.max(1, Math.floor((part / all) * SQUARES));
  const [red, white] = [squares(parts.fail), squares(parts.skip)];
  const green = parts.pass === 0 ? 0 : SQUARES - red - white;
  return "🟩".repeat(green) + "🟥".repeat(red) + "⬜".repeat(white);
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

function cutFront(text: string, maxLength: number): string {
  const start = text.length - maxLength;
  const torn = cutAt(text, start).length !== start;
  return text.slice(torn ? start + 1 : start);
}

/** One part of a page; those with the highest `rank` are left out first when the page is too long. */
export type Part = { readonly rank: number; readonly text: string };

/** Joins parts with blank lines so that the page has at most `maxLength` characters; says what was left out. */
export function fitParts(parts: readonly Part[], maxLength: number): string {
  const note =
    "*Parts of this page were left out because it was too long; the evidence file holds them all.*";
  let kept = parts.filter((part) => part.text !== "");
  let page = join(kept);
  while (page.length > maxLength && kept.length > 1) {
    const worst = Math.max(...kept.map((part) => part.rank));
    const index = kept.findLastIndex((part) => part.rank === worst);
    kept = kept.filter((_, at) => at !== index);
    page = join([...kept, { rank: 0, text: note }]);
  }
  return cutAt(page, maxLength);
}

function join(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join("\n\n");
}
