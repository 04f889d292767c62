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

const MAX_ROWS = 20;

/** A table of finished cells; rows above 20 are counted in a last line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const shown = [line(head), line(head.map(() => "---")), ...rows.slice(0, MAX_ROWS).map(line)];
  return shown.join("\n") + more(rows.length);
}

/** A list of finished lines; those above 20 are counted in a last line. */
export function list(items: readonly string[]): string {
  return (
    items
      .slice(0, MAX_ROWS)
      .map((item) => `- ${item}`)
      .join("\n") + more(items.length)
  );
}

function more(count: number): string {
  return count > MAX_ROWS ? `\n\nand ${count - MAX_ROWS} more` : "";
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
