const MOST_CHARACTERS = 65_536;
const CUT_NOTE = "\n\n[… cut: GitHub takes no more]";

/** The hidden line by which a comment is found again. `marker` may hold any characters. */
export function markerLine(marker: string): string {
  return `<!-- dunlin:run=${encodeURIComponent(marker)} -->`;
}

/** Cuts Markdown to what GitHub takes, with a note, and closes a code block that the cut left open. */
export function fitBody(markdown: string, mostCharacters: number = MOST_CHARACTERS): string {
  if (markdown.length <= mostCharacters) return markdown;
  const closing = "\n```";
  const kept = cutAt(markdown, mostCharacters - CUT_NOTE.length - closing.length);
  const isOpen = (kept.match(/^```/gm)?.length ?? 0) % 2 === 1;
  return `${kept}${isOpen ? closing : ""}${CUT_NOTE}`;
}

/** The first `length` UTF-16 units, one less where a pair would be torn. */
export function cutAt(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
