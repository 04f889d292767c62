import { plainText } from "../pull-request/plain-text.ts";
import type { Patch } from "../workspace/patch.ts";
import type { OpenRun } from "./open-run.ts";
import type { RunRequest } from "./run.ts";

/** Of a head commit: the digest of what was measured about it. */
export const MEASURED_TRAILER = "Dunlin-Measured";

const MAX_SUBJECT = 67;

/**
 * The title, not the model's words; the trailers are Dunlin's own. Of the evidence the commit can only name
 * what was measured: all the rest names this commit.
 */
export function fixMessage({ title, id }: RunRequest, measuredSha256?: string | null): string {
  const subject = `Fix: ${plainText(title, MAX_SUBJECT) || "reported issue"}`;
  const measured = measuredSha256 ? `${MEASURED_TRAILER}: sha256:${measuredSha256}\n` : "";
  return `${subject}\n\nDunlin-Run: ${id}\n${measured}`;
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
