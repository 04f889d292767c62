import type { RepositoryFile } from "../agent/prompt.ts";
import { findProject } from "../check/find-project.ts";
import type { Project } from "../check/project.ts";
import { refuseUnsupported } from "../workspace/unsupported.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";

const INSTRUCTION_FILES = ["AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md"];
const MAX_FILE_BYTES = 1 << 20;

/** The commit that everything starts from, and how it is installed and tested. */
export type Base = {
  readonly sha: string;
  readonly project: Project;
  /** People's own instructions for agents, from the base commit: data, not commands. */
  readonly instructions: readonly RepositoryFile[];
};

/** Fetches the base commit into the host's mirror and finds out what it is. */
export async function cloneRepository(run: OpenRun, plan: Plan): Promise<Base> {
  return run.hostStep("clone", "clone", async (signal) => {
    const remote = await run.host.remote("read");
    return readBase(run, plan, await run.mirror.fetch(remote, plan.baseBranch, { signal }));
  });
}

/** Finds out what a commit is that the mirror holds. */
export async function readBase(
  { mirror }: Pick<OpenRun, "mirror">,
  plan: Pick<Plan, "settings">,
  sha: string,
): Promise<Base> {
  const tree = await mirror.list(sha);
  const readFile = async (path: string) => {
    const content = await mirror.readFile(sha, path, MAX_FILE_BYTES);
    return content && new TextDecoder().decode(content);
  };
  await refuseUnsupported(tree, readFile);
  const paths = tree.map((entry) => entry.path);
  const project = await findProject({ paths, readFile, settings: plan.settings });
  const path = INSTRUCTION_FILES.find((file) => paths.includes(file));
  const text = path === undefined ? undefined : await readFile(path);
  const instructions = path === undefined || text === undefined ? [] : [{ path, text }];
  return { sha, project, instructions };
}
