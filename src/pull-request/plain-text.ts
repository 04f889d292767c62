import { oneLine } from "../evidence/report/visible-text.ts";

const ADDRESS = /(?:(?:[a-z][a-z0-9+.-]*)?:\/\/|www\.|mailto:)\S*/gi;
const CI_SKIP =
  /[[(*{]*\b(?:(?:skip|no)[ _-]?(?:ci|actions|checks?)|(?:ci|actions)[ _-]?skip)\b[\])*}]*(?:\s*:\s*\w+)?/gi;
const TRAILER = /\b([a-z]+(?:-[a-z]+)*-(?:by|to)|change-id|cc)\s*:/gi;

/**
 * Text of an outsider or a model as one harmless line for a title or a commit message, where Markdown gives no
 * protection: addresses, mentions, references, words that skip a build and trailers lose what makes them work.
 */
export function plainText(text: string, maxLength: number): string {
  const next = oneLine(harmless(oneLine(text, 4 * maxLength)), maxLength);
  // Closing a gap or cutting the end can bring together what was apart.
  return next === text ? next : plainText(next, maxLength);
}

/** Taking one thing away can make another, so it goes on until nothing changes; every step shortens the text. */
function harmless(text: string): string {
  const next = text
    .replace(ADDRESS, "(address)")
    .replace(CI_SKIP, "")
    .replace(TRAILER, "$1 ")
    .replace(/@(?=[\w/])/g, "")
    .replace(/#(?=\d)/g, "")
    .replace(/GH-(?=\d)/gi, "GH ")
    .replace(/<!--|-->/g, "")
    .trim();
  return next === text ? text : harmless(next);
}
