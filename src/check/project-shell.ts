import { WORKSPACE } from "../sandbox/sandbox.ts";
import type { Project } from "./project.ts";
import { quoteWord } from "./shell-words.ts";

/**
 * A line of shell text before any command of the project's: its programs come first on the path (after `first`, absolute
 * ones of Dunlin's own), its variables are set. Empty where there is nothing to say.
 */
export function prelude(
  { path = [], env = {} }: Pick<Project, "path" | "env">,
  first: readonly string[] = [],
): string {
  const folders = [...first, ...path.map((folder) => `${WORKSPACE}/${folder}`)];
  const exports = [
    ...(folders.length === 0 ? [] : [`PATH=${folders.map(quoteWord).join(":")}:"$PATH"`]),
    ...Object.entries(env).map(([name, value]) => `${name}=${quoteWord(value)}`),
  ];
  return exports.length === 0 ? "" : `export ${exports.join(" ")}\n`;
}
