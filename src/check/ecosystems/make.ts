import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";

const MAKEFILES = ["GNUmakefile", "Makefile", "makefile"];
const TARGETS = ["test", "check", "tests"];

/** The last resort: a Makefile with a target for tests. Reporters ride along with whatever it starts. */
export async function findMake(source: ProjectSource): Promise<Project | undefined> {
  for (const path of MAKEFILES) {
    const text = await source.readFile(path);
    const target = TARGETS.find((name) => new RegExp(`^${name}\\s*::?(?!=)`, "m").test(text ?? ""));
    if (target === undefined) continue;
    return {
      packageManager: "none",
      test: { command: `make ${target}`, runner: "unknown" },
      findings: [
        "Package manager: none, because nothing tells what to install.",
        `Tests: \`make ${target}\`, a target of ${path}.`,
      ],
    };
  }
  return undefined;
}
