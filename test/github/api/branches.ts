import { notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  created,
  ok,
  onRepository,
  page,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import { commitShape, fullCommitShape, readCommit } from "../world/commits.ts";
import { git, gitText, resolveCommit, resolveRevision } from "../world/git.ts";
import { createRef } from "../world/pushes.ts";
import { apiUrl, nodeId } from "../world/world.ts";
import { refuseWorkflows, touchesWorkflows } from "./workflows.ts";

const READ = ["contents:read"];
const WRITE = ["contents:write"];

export const branchRoutes: readonly Route[] = [
  onRepository(
    "GET /repos/{owner}/{repo}/branches",
    { needs: READ, takes: ["per_page", "page"] },
    async (call) =>
      page(call, await listRefs(call, "refs/heads/"), ({ ref, sha }) => ({
        name: ref.slice("refs/heads/".length),
        commit: { sha, url: `${apiUrl(call.world, call.repository)}/commits/${sha}` },
        protected: false,
      })),
  ),
  onRepository("GET /repos/{owner}/{repo}/branches/{branch}", { needs: READ }, getBranch),
  onRepository("GET /repos/{owner}/{repo}/commits/{ref}", { needs: READ }, async (call) => {
    const { world, repository } = call;
    const ref = textIn(call, "ref");
    const sha = await resolveCommit(repository.folder, ref);
    if (!sha) throw new Refusal(422, `No commit found for SHA: ${ref}`);
    return ok(await fullCommitShape(world, repository, await readCommit(repository.folder, sha)));
  }),
  onRepository("GET /repos/{owner}/{repo}/git/ref/{ref}", { needs: READ }, async (call) => {
    const ref = `refs/${textIn(call, "ref")}`;
    const sha = await resolveRevision(call.repository.folder, ref);
    if (!sha) throw notFound();
    return ok(await refShape(call, ref, sha));
  }),
  onRepository(
    "GET /repos/{owner}/{repo}/git/matching-refs/{ref}",
    { needs: READ },
    async (call) => {
      const refs = await listRefs(call, `refs/${textIn(call, "ref")}`);
      return ok(await Promise.all(refs.map(({ ref, sha }) => refShape(call, ref, sha))));
    },
  ),
  onRepository<{ readonly ref: string; readonly sha: string }>(
    "POST /repos/{owner}/{repo}/git/refs",
    { needs: WRITE, takes: ["ref", "sha"] },
    makeRef,
  ),
];

async function getBranch(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const name = textIn(call, "branch");
  const sha = await resolveRevision(repository.folder, `refs/heads/${name}^{commit}`);
  if (!sha) throw notFound("Branch not found");
  const self = `${apiUrl(world, repository)}/branches/${name}`;
  const commit = await readCommit(repository.folder, sha);
  return ok({
    name,
    commit: commitShape(world, repository, commit),
    _links: {
      self,
      html: `${world.url}/${repository.owner.login}/${repository.name}/tree/${name}`,
    },
    protected: false,
    protection: { enabled: false },
    protection_url: `${self}/protection`,
  });
}

async function makeRef(
  call: RepositoryCall<{ readonly ref: string; readonly sha: string }>,
): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const { folder } = repository;
  const named = /^refs\/(heads|tags)\/./.test(body.ref);
  const sound = named && (await git(folder, ["check-ref-format", body.ref]).catch(() => undefined));
  if (!sound) throw new Refusal(422, `${body.ref} is not a valid ref name.`);
  const sha = /^[0-9a-f]{40}$/.test(body.sha) && (await resolveRevision(folder, `${body.sha}^{}`));
  if (!sha) throw new Refusal(422, "Object does not exist");
  if (await touchesWorkflows(repository, sha)) refuseWorkflows(call);
  if (!(await createRef(world, repository, actor, body.ref, body.sha))) {
    throw new Refusal(422, "Reference already exists");
  }
  return created(await refShape(call, body.ref, body.sha));
}

async function listRefs(call: RepositoryCall, prefix: string) {
  const out = await gitText(call.repository.folder, [
    "for-each-ref",
    "--format=%(refname) %(objectname)",
    "refs/heads",
    "refs/tags",
  ]);
  const refs = out.split("\n").filter(Boolean);
  return refs
    .map((line) => {
      const [ref = "", sha = ""] = line.split(" ");
      return { ref, sha };
    })
    .filter(({ ref }) => ref.startsWith(prefix));
}

async function refShape(call: RepositoryCall, ref: string, sha: string) {
  const api = apiUrl(call.world, call.repository);
  const type = await gitText(call.repository.folder, ["cat-file", "-t", sha]);
  return {
    ref,
    node_id: nodeId("Ref", `${call.repository.id}:${ref}`),
    url: `${api}/git/${ref}`,
    object: { type, sha, url: `${api}/git/${type}s/${sha}` },
  };
}
