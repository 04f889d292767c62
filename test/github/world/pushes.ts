import { commitSummary, readCommits } from "./commits.ts";
import { emit } from "./events.ts";
import { git, isAncestor, ZERO_ID } from "./git.ts";
import { synchronize } from "./pulls.ts";
import type { Account, Repository, World } from "./world.ts";
import { fullName, pageUrl, timestamp } from "./world.ts";

const LISTED_COMMITS = 2048;

/** Records the refs that git moved, `OLD NEW REF` a line, and tells the app. */
export async function acceptPush(
  world: World,
  repository: Repository,
  by: Account,
  log: string,
): Promise<void> {
  for (const line of log.split("\n")) {
    const [before, after, ref] = line.split(" ");
    if (before && after && ref) await refMoved(world, repository, by, { ref, before, after });
  }
}

/** Creates a ref at an existing commit; false when it is there already. */
export async function createRef(
  world: World,
  repository: Repository,
  by: Account,
  ref: string,
  sha: string,
): Promise<boolean> {
  try {
    await git(repository.folder, ["update-ref", ref, sha, ZERO_ID]);
  } catch {
    return false;
  }
  await refMoved(world, repository, by, { ref, before: ZERO_ID, after: sha });
  return true;
}

/** The consequences of a moved ref: its record, the `push` event and the pull requests that follow it. */
export async function refMoved(
  world: World,
  repository: Repository,
  by: Account,
  moved: { readonly ref: string; readonly before: string; readonly after: string },
): Promise<void> {
  const { ref, before, after } = moved;
  const replaced = before !== ZERO_ID && after !== ZERO_ID;
  const forced = replaced && !(await isAncestor(repository.folder, before, after));
  repository.pushedAt = timestamp();
  world.pushes.push({ repository: fullName(repository), ref, before, after, forced, by: by.login });
  const payload = await pushPayload(world, repository, by, { ...moved, forced });
  emit(world, repository, by, "push", payload);
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch && after !== ZERO_ID) await synchronize(world, repository, by, branch, after);
}

async function pushPayload(
  world: World,
  repository: Repository,
  by: Account,
  moved: { readonly ref: string; before: string; after: string; forced: boolean },
) {
  const { ref, before, after, forced } = moved;
  const page = pageUrl(world, repository);
  const commits = after === ZERO_ID ? [] : await pushedCommits(repository, before, after);
  const shapes = [];
  for (const commit of commits) shapes.push(await commitSummary(world, repository, commit));
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === ZERO_ID,
    deleted: after === ZERO_ID,
    forced,
    compare: `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: shapes,
    head_commit: shapes.at(-1) ?? null,
    pusher: { name: by.login, email: null, username: by.login },
  };
}

function pushedCommits(repository: Repository, before: string, after: string) {
  const range = before === ZERO_ID ? [after] : [after, "--not", before];
  const count = before === ZERO_ID ? 1 : LISTED_COMMITS;
  return readCommits(repository.folder, [`--max-count=${count}`, "--reverse", ...range]);
}
