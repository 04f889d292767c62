import { z } from "zod";
import { applyEdits, type Edit } from "../edit/apply-edits.ts";
import { checkSyntax } from "./check-syntax.ts";
import { shownPath, workspacePath } from "./paths.ts";
import { loadFile, missingFile, storeFile } from "./text-file.ts";
import { type Tool, toolInput } from "./tool.ts";

const SHOWN_PLACES = 6;
const SHOWN_AROUND = 3;

const input = toolInput(
  "edit_file",
  "Replace text in a file. Each old_string must stand in the file exactly once (or set replace_all): copy it exactly, with one to three lines of context. Edits are applied in order, all or none.",
  z.object({
    path: z.string().min(1).describe("Relative to the workspace."),
    edits: z
      .array(
        z.object({
          old_string: z.string().describe("Text to replace, without line numbers."),
          new_string: z.string().describe("What stands there afterwards."),
          replace_all: z.boolean().default(false),
        }),
      )
      .min(1)
      .max(20),
  }),
);

export const editFile: Tool<{ path: string; edits: Edit[] }> = {
  ...input,
  async run({ path: named, edits }, bench) {
    const path = workspacePath(named);
    const file = await loadFile(bench, path);
    if (file === "missing") return { text: await missingFile(bench, path) };
    if (file === "too-large")
      return { text: "Error: the file is above 4 MiB; edit it with shell." };
    if (file.text === undefined) return { text: "Error: the file is not UTF-8 text." };
    const edited = applyEdits(file.text, edits);
    if (!edited.ok) return { text: edited.why };
    if (edited.text === file.text) return { text: "Error: the edits change nothing." };
    const sha = await storeFile(bench, path, edited.text);
    const warning = await checkSyntax(bench, path, edited.text);
    const loose = edited.rungs.map((rung) => `Matched only after ignoring ${rung} differences.`);
    const text = [
      `Edited ${shownPath(path)}.`,
      ...loose,
      ...showPlaces(edited.text, edited.lines),
      ...(warning === undefined ? [] : [warning]),
    ].join("\n");
    return { text, seen: [{ path, sha }], reached: { what: `file:${path}`, digest: sha } };
  },
};

function showPlaces(text: string, places: readonly number[]): string[] {
  const lines = text.split(/\r?\n/);
  return places.slice(0, SHOWN_PLACES).map((line) => {
    const first = Math.max(1, line - SHOWN_AROUND);
    const shown = lines.slice(first - 1, line + 2 * SHOWN_AROUND);
    return shown.map((content, index) => `${first + index}\t${content.slice(0, 300)}`).join("\n");
  });
}
