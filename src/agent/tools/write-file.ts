import { z } from "zod";
import { checkSyntax } from "./check-syntax.ts";
import { shownPath, workspacePath } from "./paths.ts";
import { loadFile, storeFile } from "./text-file.ts";
import { type Bench, type Tool, toolInput } from "./tool.ts";

const input = toolInput(
  "write_file",
  "Write a whole file, for new files and full rewrites. An existing file must have been read first. Prefer edit_file for changes.",
  z.object({
    path: z.string().min(1).describe("Relative to the workspace; folders are made."),
    content: z.string(),
  }),
);

export const writeFile: Tool<{ path: string; content: string }> = {
  ...input,
  async run({ path: named, content }, bench) {
    const path = workspacePath(named);
    const refusal = await refuseOverwrite(bench, path);
    if (refusal !== undefined) return { text: refusal };
    const sha = await storeFile(bench, path, content);
    const warning = await checkSyntax(bench, path, content);
    const done = `Wrote ${shownPath(path)} (${content.split("\n").length} lines).`;
    return {
      text: warning === undefined ? done : `${done}\n${warning}`,
      seen: [{ path, sha }],
      reached: { what: `file:${path}`, digest: sha },
    };
  },
};

/** Why an existing file must not be replaced: the model never saw it, or not as it is now. */
async function refuseOverwrite(bench: Bench, path: string): Promise<string | undefined> {
  const file = await loadFile(bench, path);
  if (file === "missing") return undefined;
  if (file === "too-large") return "Error: the file is above 4 MiB; change it with shell.";
  const seen = bench.seen.get(path);
  if (seen === file.sha) return undefined;
  const why = seen === undefined ? "exists and you haven't read it" : "changed since you read it";
  return `Error: ${shownPath(path)} ${why}. Read it with read_file first.`;
}
