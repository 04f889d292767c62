/** The lines of one table of a TOML file, as far as a reader without a parser can tell; undefined without the table. */
export function tomlTable(text: string, name: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (at < 0) return undefined;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => /^\s*\[\[?[\w."'-]/.test(line));
  return rest.slice(0, end < 0 ? rest.length : end).join("\n");
}

/** The names that a table of a TOML file begins lines with. */
export function tomlKeys(table: string): readonly string[] {
  return [...table.matchAll(/^\s*["']?([\w.-]+)["']?\s*=/gm)].map(([, key = ""]) => key);
}

/** Whether a table gives this key anything but an empty list. */
export function tomlHas(table: string | undefined, key: string): boolean {
  return new RegExp(`^\\s*${key}\\s*=\\s*(?!\\[\\s*\\])\\S`, "m").test(table ?? "");
}
