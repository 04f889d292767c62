import { grants } from "../http/access.ts";
import { notAccessible } from "../http/refusal.ts";
import type { RepositoryCall } from "../http/route.ts";
import { gitText } from "../world/git.ts";
import type { Repository } from "../world/world.ts";

const FOLDER = ".github/workflows";

export function isWorkflow(path: string): boolean {
  return path === FOLDER || path.startsWith(`${FOLDER}/`);
}

/** Whether commits that no ref has yet change a workflow: the git hook's rule, for refs made by the API. */
export async function touchesWorkflows(repository: Repository, sha: string): Promise<boolean> {
  const args = ["log", "-m", "--format=", "--name-only", sha, "--not", "--all", "--", FOLDER];
  return (await gitText(repository.folder, args)) !== "";
}

/** Throws 403 for an app without the permission. */
export function refuseWorkflows(call: RepositoryCall): void {
  if (call.token?.kind !== "installation") return;
  if (!grants(call.token.permissions, "workflows:write")) throw notAccessible();
}
