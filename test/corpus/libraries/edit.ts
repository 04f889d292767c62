import type { Files } from "../corpus-case.ts";

/** The text of a base file with exact replacements, each of which must be found exactly once. */
export function edit(
  files: Files,
  path: string,
  ...pairs: readonly (readonly [string, string])[]
): string {
  let text = contents(files, path);
  for (const [before, after] of pairs) {
    const parts = text.split(before);
    if (parts.length !== 2) {
      throw new Error(`${path}: found ${parts.length - 1} times: ${before}`);
    }
    text = parts.join(after);
  }
  return text;
}

/** The text of a base file with more at its end. */
export function append(files: Files, path: string, more: string): string {
  return contents(files, path) + more;
}

export function contents(files: Files, path: string): string {
  const text = files[path];
  if (text === undefined) {
    throw new Error(`no such file in the base: ${path}`);
  }
  return text;
}

/** A package.json as npm writes it. */
export function manifest(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(fields, null, 2)}\n`;
}
