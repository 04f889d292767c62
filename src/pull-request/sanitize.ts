import { cutAt, visibleText } from "../evidence/report/visible-text.ts";
import { backtickRuns, LINE_PREFIX, sanitizeLine } from "./sanitize-line.ts";

const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const LANGUAGE = /^\s*([\w+-]*)/;

type Fence = { readonly mark: string; readonly language: string; readonly lines: string[] };

/**
 * Text of a model or an outsider as Markdown that can do nothing on GitHub: no HTML, image, link, heading or table of
 * its own, mention, reference, closing keyword or slash command, and nothing that a reader can't see. Emphasis, lists,
 * code spans and fenced code stay; addresses, mentions and references become code. Idempotent; the result has at most
 * `maxLength` characters.
 */
export function sanitizeMarkdown(text: string, maxLength: number): string {
  const visible = cutAt(visibleText(cutAt(text, 10 * maxLength + 100)), maxLength);
  let kept = visible.length;
  let clean = sanitizeAll(visible);
  while (clean.length > maxLength) {
    kept = Math.min(kept - 1, Math.floor((kept * maxLength) / clean.length));
    clean = sanitizeAll(cutAt(visible, kept));
  }
  return clean;
}

function sanitizeAll(text: string): string {
  const out: string[] = [];
  let fence: Fence | undefined;
  for (const line of text.trim().split("\n")) {
    const own = line.replace(LINE_PREFIX, "");
    const mark = FENCE.exec(own)?.[0];
    if (fence === undefined && mark === undefined) out.push(sanitizeLine(line.trimEnd()));
    else if (fence === undefined) fence = openFence(own, mark ?? "");
    else if (mark?.startsWith(fence.mark) && own.trim() === mark) {
      out.push(...closeFence(fence));
      fence = undefined;
    } else fence.lines.push(line);
  }
  if (fence !== undefined) out.push(...closeFence(fence));
  return out.join("\n");
}

function openFence(own: string, mark: string): Fence {
  const language = LANGUAGE.exec(own.slice(mark.length))?.[1] ?? "";
  return { mark, language, lines: [] };
}

/** Written anew from the first column, so that GitHub's reading of it can't differ from this one. */
function closeFence({ language, lines }: Fence): readonly string[] {
  const longest = Math.max(0, ...lines.flatMap(backtickRuns));
  const mark = "`".repeat(Math.max(3, longest + 1));
  return [
    `${mark}${language}`,
    ...lines.map((line) => (/^[/@]\w/.test(line) ? ` ${line}` : line)),
    mark,
  ];
}
