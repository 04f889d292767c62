import type { RepositoryFile } from "../agent/prompt.ts";
import type { Digest } from "../artifact/artifact.ts";
import { findProject } from "../check/find-project.ts";
import type { Project } from "../check/project.ts";
import { Failure } from "../errors.ts";
import { patchBetween, type Unapplied } from "../workspace/patch-between.ts";
import { encodePatch } from "../workspace/patch-text.ts";
import { refuseUnsupported } from "../workspace/unsupported.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import type { RunRequest } from "./run.ts";

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

/** People's change, with the commit that it starts from. */
export type PulledBase = Base & {
  readonly headSha: string;
  /** What `encodePatch` made of it. */
  readonly patch: Digest;
  /** What can't be applied. */
  readonly unapplied: readonly Unapplied[];
};

/** The same for a pull request: the base is where its commits left the target branch. */
export async function clonePullRequest(
  run: OpenRun,
  plan: Plan,
  { headSha, baseBranch }: NonNullable<RunRequest["pullRequest"]>,
): Promise<PulledBase> {
  return run.hostStep("clone", "clone", async (signal) => {
    const { mirror, host } = run;
    const baseSha = await host.mergeBase(baseBranch, headSha);
    const remote = await host.remote("read");
    await mirror.fetch(remote, baseSha, { signal });
    await mirror.fetch(remote, headSha, { signal });
    const { patch, unapplied } = await patchBetween(mirror, baseSha, headSha);
    if (patch.changes.length + unapplied.length === 0) {
      const message = `The pull request changes nothing that ${baseBranch} doesn't have. Push a change, then ask again.`;
      throw new Failure("invalid-request", "nothing-changed", message);
    }
    const { digest } = await run.ports.artifacts.put(encodePatch(patch));
    return { ...(await readBase(run, plan, baseSha)), headSha, patch: digest, unapplied };
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
