import type { Patch } from "../workspace/patch.ts";
import type { OpenRun } from "./open-run.ts";

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
