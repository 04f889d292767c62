import { notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  ok,
  onRepository,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import { git, resolveCommit } from "../world/git.ts";
import { apiUrl, pageUrl } from "../world/world.ts";

const INLINE_LIMIT = 1024 * 1024;
const LIMIT = 100 * 1024 * 1024;

type Entry = {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size: number;
  readonly path: string;
};

export const contentRoutes: readonly Route[] = [
  onRepository(
    "GET /repos/{owner}/{repo}/contents/{path}",
    { needs: ["contents:read"], takes: ["ref"] },
    getContents,
  ),
];

async function getContents(call: RepositoryCall): Promise<Answer> {
  const { repository } = call;
  const ref = call.query.get("ref") ?? repository.defaultBranch;
  const commit = await resolveCommit(repository.folder, ref.replace(/^refs\//, ""));
  if (!commit) {
    const missing = call.query.has("ref") ? `No commit found for the ref ${ref}` : undefined;
    throw notFound(missing ?? "This repository is empty.");
  }
  const path = textIn(call, "path").replace(/\/$/, "");
  if (path === "") return folder(call, ref, await listTree(call, commit, ""));
  const entry = (await listTree(call, commit, path)).find((one) => one.path === path);
  if (!entry) throw notFound();
  if (entry.type === "tree") return folder(call, ref, await listTree(call, commit, `${path}/`));
  return entry.type === "blob" ? file(call, ref, entry) : ok(submodule(call, ref, entry));
}

async function listTree(call: RepositoryCall, commit: string, path: string): Promise<Entry[]> {
  const paths = path === "" ? [] : [path];
  const args = ["--literal-pathspecs", "ls-tree", "-l", "-z", commit, "--", ...paths];
  const out = (await git(call.repository.folder, args)).toString("utf8");
  return out.split("\0").filter(Boolean).map(readEntry);
}

function readEntry(line: string): Entry {
  const tab = line.indexOf("\t");
  const [mode = "", type = "", sha = "", size] = line.slice(0, tab).split(/ +/);
  return { mode, type, sha, size: Number(size) || 0, path: line.slice(tab + 1) };
}

function folder(call: RepositoryCall, ref: string, entries: readonly Entry[]): Answer {
  return ok(entries.map((entry) => ({ ...common(call, ref, entry), type: kindOf(entry) })));
}

function kindOf(entry: Entry): string {
  if (entry.type === "tree") return "dir";
  return entry.type === "blob" && entry.mode === "120000" ? "symlink" : "file";
}

async function file(call: RepositoryCall, ref: string, entry: Entry): Promise<Answer> {
  if (entry.size > LIMIT) throw new Refusal(403, "This API returns blobs up to 100 MB in size.");
  const bytes = await git(call.repository.folder, ["cat-file", "blob", entry.sha]);
  if (/vnd\.github\.(?:v3\.)?raw/.test(call.accept)) {
    return { status: 200, raw: { mediaType: "application/vnd.github.raw; charset=utf-8", bytes } };
  }
  const shape = common(call, ref, entry);
  if (entry.mode === "120000") return ok({ ...shape, type: "symlink", target: bytes.toString() });
  const inline = entry.size <= INLINE_LIMIT;
  const content = inline ? bytes.toString("base64").replace(/.{1,60}/g, "$&\n") : "";
  return ok({ ...shape, type: "file", encoding: inline ? "base64" : "none", content });
}

function submodule(call: RepositoryCall, ref: string, entry: Entry) {
  const none = { submodule_git_url: "", download_url: null };
  return { ...common(call, ref, entry), ...none, type: "submodule" };
}

function common(call: RepositoryCall, ref: string, entry: Entry) {
  const path = entry.path.split("/").map(encodeURIComponent).join("/");
  const api = apiUrl(call.world, call.repository);
  const page = pageUrl(call.world, call.repository);
  const kind = entry.type === "tree" ? "tree" : "blob";
  const url = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git_url = `${api}/git/${kind}s/${entry.sha}`;
  const html_url = `${page}/${kind}/${ref}/${path}`;
  return {
    name: entry.path.slice(entry.path.lastIndexOf("/") + 1),
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    git_url,
    html_url,
    download_url: kind === "blob" ? `${page}/raw/${ref}/${path}` : null,
    _links: { self: url, git: git_url, html: html_url },
  };
}
