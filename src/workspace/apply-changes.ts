import type { Sandbox } from "../sandbox/sandbox.ts";
import { NEW_PRIVATE_GIT, runScript } from "./job-git.ts";
import type { FileChange } from "./patch.ts";

const TIMEOUT_MS = 2 * 60_000;

/**
 * Two trees: one that has every changed path, one that has them as they shall be. Git's own switch from the first to
 * the second deletes and writes, converts line ends as the repository's attributes say, and follows no link.
 */
const APPLY = `${NEW_PRIVATE_GIT}
git fast-import --quiet
git read-tree refs/heads/before
git read-tree --reset -u refs/heads/after
rm -rf "$GIT_DIR"
`;

/** Writes changes into a workspace that stands at their base, or at their base with other changes. */
export async function applyChanges(
  sandbox: Sandbox,
  changes: readonly FileChange[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (changes.length === 0) return;
  await runScript(sandbox, {
    what: "writing the patch's files",
    text: APPLY,
    stdin: importStream(changes),
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
}

async function* importStream(changes: readonly FileChange[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const writes = changes.filter((change) => change.kind === "write");
  // A stand-in for whatever the workspace has there; its content is never looked at.
  yield encoder.encode(`blob\nmark :1\n${data("before\n")}`);
  for (const [index, write] of writes.entries()) {
    yield encoder.encode(`blob\nmark :${index + 2}\ndata ${write.data.length}\n`);
    yield write.data;
    yield encoder.encode("\n");
  }
  yield encoder.encode(commit("before"));
  for (const { path } of changes) yield encoder.encode(`M 100644 :1 ${quote(path)}\n`);
  yield encoder.encode(commit("after"));
  for (const [index, { mode, path }] of writes.entries()) {
    yield encoder.encode(`M ${mode} :${index + 2} ${quote(path)}\n`);
  }
}

function commit(branch: string): string {
  return `commit refs/heads/${branch}\ncommitter Dunlin <dunlin@localhost> 0 +0000\n${data("")}deleteall\n`;
}

function data(text: string): string {
  return `data ${text.length}\n${text}\n`;
}

/** A path in git's C style. */
function quote(path: string): string {
  const escaped = path.replaceAll(/["\\\n]/g, (one) => (one === "\n" ? "\\n" : `\\${one}`));
  return `"${escaped}"`;
}
