import { toFailure } from "../errors.ts";
import { createRedactor } from "../pull-request/redact.ts";
import { checkPatch } from "../workspace/patch-policy.ts";
import { commitChange } from "./commit-change.ts";
import { checkpointPatch } from "./desk.ts";
import type { OpenRun } from "./open-run.ts";

/**
 * The change so far as a unified diff for people, or undefined when there is none or it can't be shown. The checkpoint
 * itself stays in the artifact store either way.
 */
export async function keptPatch(run: OpenRun): Promise<string | undefined> {
  try {
    const patch = await checkpointPatch(run);
    if (patch === undefined || patch.changes.length === 0) return undefined;
    const base = await run.mirror.list(patch.baseSha);
    if (!checkPatch(patch, base).ok) return undefined;
    const headSha = await commitChange(run, patch, "Unfinished change");
    const diff = new TextDecoder().decode(await run.mirror.diff(patch.baseSha, headSha));
    return createRedactor(run.ports.secrets()).redact(diff);
  } catch (error) {
    const { code, message } = toFailure(error);
    run.log.warn({ code, reason: message }, "kept patch can't be shown");
    return undefined;
  }
}
