import { Failure } from "../../../errors.ts";
import { type RemoteCall, resolveRef, talk } from "./remote.ts";

/** Makes one new branch. The host's answer decides; nothing here can move a branch that stands elsewhere. */
export async function pushBranch(call: RemoteCall, sha: string, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const present = await resolveRef(call, ref);
  if (present === sha) return;
  if (present !== undefined) throw branchExists(branch);
  const refspec = `${sha}:${ref}`;
  const args = ["push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags"];
  try {
    await talk(call, [...args, "--recurse-submodules=no", "--", call.remote.url, refspec]);
  } catch (error) {
    call.signal?.throwIfAborted();
    // The answer may have been lost after the effect, or someone else was faster.
    const now = await resolveRef(call, ref);
    if (now === sha) return;
    if (now !== undefined) throw branchExists(branch);
    throw refusal(error) ?? error;
  }
}

function branchExists(branch: string): Failure {
  return new Failure(
    "not-permitted",
    "branch-exists",
    `The branch \`${branch}\` already stands at another commit. Delete or rename it.`,
  );
}

/** The host's own reason, e.g. a ruleset or a missing permission. */
function refusal(error: unknown): Failure | undefined {
  const text = error instanceof Failure ? String(error.details["git"] ?? "") : "";
  const reason = /\[(?:remote )?rejected\][^\n]*?\(([^\n]*)\)/.exec(text)?.[1];
  if (reason === undefined) return undefined;
  const message = `The git host refused the branch: ${reason.slice(0, 300)}. Change its rules or Dunlin's permissions.`;
  return new Failure("not-permitted", "push-refused", message, { cause: error });
}
