import { quoteWord } from "../../shell-words.ts";
import type { FoundManager } from "./package-manager.ts";

/**
 * Where managers that the image lacks are kept, beside what they install: so they are part of what an installation made,
 * and are there when the network is not.
 */
const HOME = "node_modules/.dunlin";

/** Folder of their programs, relative to the workspace. */
export const MANAGER_PROGRAMS = `${HOME}/node_modules/.bin`;

/** Shell text that puts the repository's own package manager there; undefined for npm, which every image has. */
export function bringManager(manager: Pick<FoundManager, "name" | "version" | "program">) {
  const { name, version, program } = manager;
  if (name === "npm") return undefined;
  if (program !== undefined) return startOwn(program);
  return `npm install --prefix ${HOME} --no-audit --no-fund ${quoteWord(`${packageOf(name, version)}@${version}`)}`;
}

function packageOf(name: string, version: string): string {
  return name === "yarn" && !/^1\b/.test(version) ? "@yarnpkg/cli-dist" : name;
}

/** A yarn that lies in the repository is started from there. */
function startOwn(program: string): string {
  const text = `#!/bin/sh\nexec node "\${0%/${MANAGER_PROGRAMS}/*}"/${program} "$@"\n`;
  const file = `${MANAGER_PROGRAMS}/yarn`;
  return `mkdir -p ${MANAGER_PROGRAMS} && printf %s ${quoteWord(text)} > ${file} && chmod +x ${file}`;
}
