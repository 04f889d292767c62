/** Rows under their headings, each column as wide as its widest cell; the last is not padded. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { colour }: { readonly colour: boolean },
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const head = line(headings);
  const lines = [colour ? `\u001b[2m${head}\u001b[22m` : head, ...rows.map(line)];
  return `${lines.join("\n")}\n`;
}

/** `42 s`, `5 min`, `3 h`, `2 d`: enough to tell old from new. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Decimal, as engines show it: `305 MB`. */
export function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
