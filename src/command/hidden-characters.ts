// Nothing is drawn for these, or they reorder what is drawn: controls, ignorables (zero-width, tags, fillers, variation
// selectors), bidirectional marks, private use, interlinear notes.
const HIDDEN =
  /[\p{Cc}\p{Co}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb\ufeff\u180e\u2028\u2029]/gu;

// Scripts in which a joiner or a non-joiner changes the letters themselves.
const JOINING = String.raw`[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}]`;
const MEANT = new RegExp(
  [
    String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=[\p{Extended_Pictographic}0-9#*])[\ufe0e\ufe0f]`,
    String.raw`(?<=${JOINING})[\u200c\u200d](?=${JOINING})`,
    String.raw`[\n\t]`,
  ].join("|"),
  "gu",
);

/**
 * Removes what no reader sees. Line ends become `\n`; tabs, emoji sequences and the joiners of scripts that need them
 * stay; an unpaired surrogate becomes U+FFFD.
 */
export function stripHiddenCharacters(text: string): string {
  const lines = text.toWellFormed().replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n");
  const meant = new Set([...lines.matchAll(MEANT)].map((match) => match.index));
  return lines.replace(HIDDEN, (character, offset: number) => (meant.has(offset) ? character : ""));
}
