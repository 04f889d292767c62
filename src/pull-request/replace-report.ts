/**
 * A description with the parts of its report brought up to date. The first part is the verdict's line; the others are
 * told by their first lines. What stood there and stands no more is taken out, what is new comes after the verdict, and
 * all else stays, whoever wrote it. Where a person took the verdict out, the new one comes first.
 */
export function replaceReport(
  body: string,
  before: readonly string[],
  after: readonly string[],
): string {
  const [oldVerdict = "", ...oldParts] = before;
  const [verdict = "", ...parts] = after;
  const text = body.replaceAll("\r\n", "\n");
  const next = new Map(parts.map((part) => [titleOf(part), part]));
  const known = new Set(oldParts.map(titleOf));
  const added = parts.filter((part) => !known.has(titleOf(part)));
  const top = [verdict, ...added].join("\n\n");
  const opened = open(text, oldVerdict, top);
  return oldParts.reduce((so, part) => {
    const now = next.get(titleOf(part));
    if (now === part) return so;
    return now === undefined
      ? so.replace(`${part}\n\n`, "").replace(part, "")
      : so.replace(part, () => now);
  }, opened);
}

/** The same twice changes nothing more. */
function open(text: string, oldVerdict: string, top: string): string {
  if (text.includes(top)) return text;
  return text.includes(oldVerdict) ? text.replace(oldVerdict, () => top) : `${top}\n\n${text}`;
}

function titleOf(part: string): string {
  const [line = ""] = part.split("\n");
  // Headings count what stands below them.
  return line.replace(/\(\d+\)$/, "");
}
