/** Commands to a terminal, in their 7-bit and 8-bit forms. */
const ESCAPES = new RegExp(
  [
    // Strings: titles, links, the clipboard. One without an end must not hide the lines below it.
    String.raw`(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?`,
    // Colours and cursor movements.
    String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*(?:[@-~]|$)`,
    String.raw`\u001b[ -/]*(?:[0-~]|$)`,
  ].join("|"),
  "g",
);
/** Control characters but for tab and line feed. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;
/** Characters that reorder or hide the text around them. */
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What a terminal would have left on a line that was written over: the text after the last carriage return. */
function overwritten(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}

/** Text of a program, safe to show: no terminal commands, no control or hidden characters; lines end in `\n`. */
export function cleanText(output: Uint8Array | string): string {
  const text = typeof output === "string" ? output : new TextDecoder().decode(output);
  const plain = text.replace(ESCAPES, "").replace(HIDDEN, "").toWellFormed();
  return plain.split("\n").map(overwritten).join("\n").replace(CONTROLS, "");
}

/** The same on one line of at most `maxLength` characters. */
export function cleanLine(output: string, maxLength: number): string {
  const line = cleanText(output.slice(0, 20_000).replaceAll("\r", "\n"))
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).toWellFormed()}…`;
}
