import { plainText } from "../pull-request/plain-text.ts";
import type { Patch } from "../workspace/patch.ts";
import type { OpenRun } from "./open-run.ts";
import type { RunRequest } from "./run.ts";

const MAX_SUBJECT = 67;

/** The title, not the model's words; the trailer is Dunlin's own. */
export function fixMessage({ title, id }: RunRequest): string {
  return `Fix: ${plainText(title, MAX_SUBJECT) || "reported issue"}\n\nDunlin-Run: ${id}\n`;
}

/** The patch as a commit on its base, in the mirror only. The same run and patch always give the same commit. */
export function commitChange(run: OpenRun, patch: Patch, message: string): Promise<string> {
  const name = `${run.host.mention.replace(/^@/, "")}[bot]`;
  const identity = { name, email: `${name}@users.noreply.github.com` };
  return run.mirror.commit({
    parentSha: patch.baseSha,
    changes: patch.changes,
    author: identity,
    committer: identity,
    message,
    dateMs: run.startedAtMs,
  });
}
