import { visibleText } from "./visible-text.ts";

const WRAPPERS = ["untrusted", "repository-file", "maintainer-instruction"] as const;

/** Any form of one of our own tags, however spaced, cased or widened. */
const OUR_TAGS = new RegExp(`[<＜﹤‹](?=[\\s/／]*(?:${WRAPPERS.join("|")}))`, "giu");

/**
 * Text by others between tags that it can't close: hidden characters and comments are gone, and what looks like one of
 * our tags is escaped. The tags help a model to tell who speaks; they are no protection, permissions are.
 */
export function wrapUntrusted(
  tag: (typeof WRAPPERS)[number],
  attributes: Readonly<Record<string, string>>,
  text: string,
): string {
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${attribute(value)}"`,
  );
  const body = visibleText(text).replace(OUR_TAGS, "&lt;").trim();
  return `<${tag}${written.join("")}>\n${body}\n</${tag}>`;
}

function attribute(value: string): string {
  return visibleText(value)
    .replace(/["<>＜＞﹤﹥‹›&\n]/g, " ")
    .trim()
    .slice(0, 200);
}
