import { rm } from "node:fs/promises";
import { join } from "node:path";
import { notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  created,
  ok,
  onRepository,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import { gitCommitShape, readCommit } from "../world/commits.ts";
import { git, gitText } from "../world/git.ts";
import { signature } from "../world/repositories.ts";
import type { Account } from "../world/world.ts";
import { apiUrl, nodeId } from "../world/world.ts";
import { isWorkflow, refuseWorkflows } from "./workflows.ts";

const READ = ["contents:read"];
const WRITE = ["contents:write"];
const REPOSITORY = "/repos/{owner}/{repo}";

type NewBlob = { readonly content: string; readonly encoding?: string };

type NewTree = {
  readonly base_tree?: string;
  readonly tree: readonly {
    readonly path?: string;
    readonly mode?: string;
    readonly sha?: string | null;
    readonly content?: string;
  }[];
};

type Signed = { readonly name: string; readonly email: string; readonly date?: string };

type NewCommit = {
  readonly message: string;
  readonly tree: string;
  readonly parents?: readonly string[];
  readonly author?: Signed;
  readonly committer?: Partial<Signed>;
};

export const gitDataRoutes: readonly Route[] = [
  onRepository<NewBlob>(
    `POST ${REPOSITORY}/git/blobs`,
    { needs: WRITE, takes: ["content", "encoding"] },
    async (call) => {
      const { content, encoding } = call.body;
      const input = Buffer.from(content, encoding === "base64" ? "base64" : "utf8");
      const sha = await writeBlob(call, input);
      return created({ sha, url: `${apiUrl(call.world, call.repository)}/git/blobs/${sha}` });
    },
  ),
  onRepository(`GET ${REPOSITORY}/git/blobs/{file_sha}`, { needs: READ }, getBlob),
  onRepository<NewTree>(
    `POST ${REPOSITORY}/git/trees`,
    { needs: WRITE, takes: ["base_tree", "tree"] },
    makeTree,
  ),
  onRepository(
    `GET ${REPOSITORY}/git/trees/{tree_sha}`,
    { needs: READ, takes: ["recursive"] },
    async (call) => {
      const sha = await objectIn(call, "tree_sha", "tree");
      return ok(await treeShape(call, sha, call.query.has("recursive")));
    },
  ),
  onRepository<NewCommit>(
    `POST ${REPOSITORY}/git/commits`,
    { needs: WRITE, takes: ["message", "tree", "parents", "author", "committer"] },
    makeCommit,
  ),
  onRepository(`GET ${REPOSITORY}/git/commits/{commit_sha}`, { needs: READ }, async (call) => {
    const sha = await objectIn(call, "commit_sha", "commit");
    return ok(
      gitCommitShape(call.world, call.repository, await readCommit(call.repository.folder, sha)),
    );
  }),
];

async function writeBlob(call: RepositoryCall, input: Uint8Array): Promise<string> {
  return gitText(call.repository.folder, ["hash-object", "-w", "--stdin"], { input });
}

/** The full id of an object of that type that the path names; throws 404. */
async function objectIn(call: RepositoryCall, name: string, type: string): Promise<string> {
  const sha = await peel(call, textIn(call, name), type);
  if (!sha) throw notFound();
  return sha;
}

/** `sha` as an object of that type (a commit's tree when a tree is wanted), or undefined. */
async function peel(call: RepositoryCall, sha: string, type: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return undefined;
  const { folder } = call.repository;
  return gitText(folder, ["rev-parse", "--verify", "--quiet", `${sha}^{${type}}`]).catch(
    () => undefined,
  );
}

async function getBlob(call: RepositoryCall): Promise<Answer> {
  const sha = await objectIn(call, "file_sha", "blob");
  const bytes = await git(call.repository.folder, ["cat-file", "blob", sha]);
  if (/vnd\.github\.(?:v3\.)?raw/.test(call.accept)) {
    return { status: 200, raw: { mediaType: "application/vnd.github.raw; charset=utf-8", bytes } };
  }
  return ok({
    sha,
    node_id: nodeId("Blob", sha),
    size: bytes.length,
    url: `${apiUrl(call.world, call.repository)}/git/blobs/${sha}`,
    content: bytes.toString("base64"),
    encoding: "base64",
  });
}

async function makeTree(call: RepositoryCall<NewTree>): Promise<Answer> {
  const { world, repository, body } = call;
  if (body.tree.some((entry) => isWorkflow(entry.path ?? ""))) refuseWorkflows(call);
  const index = join(world.folder, `index-${world.nextId()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    if (body.base_tree) {
      const base = await peel(call, body.base_tree, "tree");
      if (!base) throw notFound();
      await git(repository.folder, ["read-tree", base], { env });
    }
    let lines = "";
    for (const entry of body.tree) lines += await indexLine(call, entry);
    const args = ["update-index", "-z", "--index-info"];
    await git(repository.folder, args, { env, input: lines }).catch(() => {
      throw new Refusal(422, "tree.sha or tree.path is not valid");
    });
    const sha = await gitText(repository.folder, ["write-tree"], { env });
    return created(await treeShape(call, sha, false));
  } finally {
    await rm(index, { force: true });
  }
}

async function indexLine(call: RepositoryCall, entry: NewTree["tree"][number]): Promise<string> {
  const { path = "", mode = "100644", content } = entry;
  if (entry.sha === null) return `0 ${"0".repeat(40)}\t${path}\0`;
  if (mode === "040000")
    throw new Refusal(501, "stand-in: a whole tree as an entry is not implemented");
  const sha = content === undefined ? entry.sha : await writeBlob(call, Buffer.from(content));
  if (!sha) throw new Refusal(422, "Must supply either tree.sha or tree.content");
  return `${mode} ${sha}\t${path}\0`;
}

async function treeShape(call: RepositoryCall, sha: string, recursive: boolean) {
  const api = apiUrl(call.world, call.repository);
  const args = ["ls-tree", "-l", "-z", ...(recursive ? ["-r", "-t"] : []), sha];
  const out = (await git(call.repository.folder, args)).toString("utf8");
  const tree = out
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode, type, id, size] = line.slice(0, tab).split(/ +/);
      const entry = {
        path: line.slice(tab + 1),
        mode,
        type,
        sha: id,
        url: `${api}/git/${type}s/${id}`,
      };
      return size === "-" ? entry : { ...entry, size: Number(size) };
    });
  return { sha, url: `${api}/git/trees/${sha}`, tree, truncated: false };
}

async function makeCommit(call: RepositoryCall<NewCommit>): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const tree = await peel(call, body.tree, "tree");
  if (!tree) throw new Refusal(422, "Tree SHA does not exist");
  const parents = body.parents ?? [];
  for (const parent of parents) {
    if (!(await peel(call, parent, "commit"))) {
      throw new Refusal(422, "Parent SHA does not exist or is not a commit object");
    }
  }
  const author = signedLine(actor, body.author);
  const committer = body.committer
    ? signedLine(actor, { ...body.author, ...body.committer })
    : author;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${author}`,
    `committer ${committer}`,
  ];
  const input = `${lines.join("\n")}\n\n${body.message}`;
  const args = ["hash-object", "-t", "commit", "-w", "--stdin"];
  const sha = await gitText(repository.folder, args, { input });
  return created(gitCommitShape(world, repository, await readCommit(repository.folder, sha)));
}

function signedLine(actor: Account, given: Partial<Signed> = {}): string {
  const { name, email, date } = { ...signature(actor), ...given };
  const seconds = Math.floor((date ? Date.parse(date) : Date.now()) / 1000);
  return `${name} <${email}> ${seconds} +0000`;
}
