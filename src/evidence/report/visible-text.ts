// Default ignorables (zero-width, tags, fillers) draw nothing; format characters reorder what is drawn.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;

/**
 * Removes what a reader can't see: control, bidirectional, zero-width, tag and filler characters. An
 * unpaired surrogate becomes U+FFFD. Line ends become `\n`; tabs stay, and so do the joiners inside an emoji.
 */
export function visibleText(text: string): string {
  const lines = text.toWellFormed().replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n");
  return lines.replace(HIDDEN, (character, offset: number) =>
    character === "\n" || character === "\t" || isOfEmoji(character, lines, offset)
      ? character
      : "",
  );
}

function isOfEmoji(character: string, text: string, offset: number): boolean {
  if (character !== "\u200d" && character !== "\ufe0f") return false;
  const before = text.slice(Math.max(0, offset - 3), offset);
  if (character === "\ufe0f") return EMOJI_BEFORE.test(before);
  return (
    EMOJI_BEFORE.test(before.replace(/\ufe0f$/, "")) &&
    EMOJI_AFTER.test(text.slice(offset + 1, offset + 3))
  );
}

/** Visible text on one line of at most `maxLength` UTF-16 units, never cut inside a character. */
export function oneLine(text: string, maxLength: number): string {
  // Ten times as much is read, in case most of it is hidden.
  const line = visibleText(cutAt(text, 10 * maxLength + 100))
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= maxLength ? line : `${cutAt(line, maxLength - 1).trimEnd()}…`;
}

/** The first `maxLength` UTF-16 units, one less where a pair would be torn. */
export function cutAt(text: string, maxLength: number): string {
  const last = text.charCodeAt(maxLength - 1);
  const torn = maxLength < text.length && last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, torn ? maxLength - 1 : maxLength);
}
