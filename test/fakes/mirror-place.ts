import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CommitRequest, GitRemote, Mirror } from "../../src/workspace/mirror.ts";
import {
  createGitMirrors,
  type GitMirrorsOptions,
  MIRROR_LIMITS,
} from "../../src/workspace/mirrors/git/git-mirrors.ts";
import { type GitHttpServer, serveGit } from "./git-http-server.ts";
import { commitTo, git, makeRepository } from "./git-repository.ts";

export const TOKEN = "Basic c2VjcmV0LWNhbmFyeQ==";

/** A git host with a fresh repository for each test, and its mirror. */
export type MirrorPlace = {
  /** Holds the host's repositories, and the mirrors below `mirrors/`. */
  root: string;
  server: GitHttpServer;
  /** The repository's folder below `root`. */
  name: string;
  id: number;
  baseSha: string;
  mirror: Mirror;
};

/** Registers the hooks; the returned object is filled before each test. */
export function useMirrorPlace(): MirrorPlace {
  const place = { id: 0 } as MirrorPlace;
  beforeAll(async () => {
    place.root = await mkdtemp(join(tmpdir(), "git-mirror-"));
    place.server = await serveGit(place.root, TOKEN);
  });
  afterAll(async () => {
    await place.server[Symbol.asyncDispose]();
    await rm(place.root, { recursive: true, force: true });
  });
  beforeEach(async () => {
    place.server.intercept = undefined;
    place.name = `repo-${++place.id}.git`;
    // The base has a parent, which a fetch of depth 1 leaves out.
    makeRepository(place.root, place.name, { "README.md": "# Old\n" });
    const files = {
      "README.md": "# Read me\n",
      "lib/a.js": "export const a = 1;\n",
      "bin/run": { executable: "#!/bin/sh\n" },
      link: { link: "lib/a.js" },
    };
    place.baseSha = commitTo(place.root, place.name, files, "Base");
    place.mirror = await openMirror(place);
  });
  return place;
}

export async function openMirror(
  place: MirrorPlace,
  options: Partial<GitMirrorsOptions> = {},
): Promise<Mirror> {
  const mirrors = await createGitMirrors({
    folder: join(place.root, "mirrors"),
    hostEnv: { PATH: process.env["PATH"] },
    localRepositories: false,
    limits: MIRROR_LIMITS,
    ...options,
  });
  return mirrors.open({ id: place.id });
}

export function remoteOf(place: MirrorPlace): GitRemote {
  return { url: `${place.server.url}${place.name}`, authorization: TOKEN };
}

export function refsOf(place: MirrorPlace): string {
  return git(join(place.root, place.name), "for-each-ref", "--format=%(refname) %(objectname)");
}

/** A commit on the base that changes one file. */
export function commitRequest(
  place: MirrorPlace,
  more: Partial<CommitRequest> = {},
): CommitRequest {
  const data = new TextEncoder().encode("export const a = 2;\n");
  return {
    parentSha: place.baseSha,
    changes: [{ path: "lib/a.js", kind: "write", mode: "100644", data }],
    author: { name: "Dunlin", email: "dunlin@example.com" },
    committer: { name: "Dunlin", email: "dunlin@example.com" },
    message: "fix: a is 2",
    dateMs: 1_700_000_000_000,
    ...more,
  };
}
