import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAll } from "../../src/artifact/artifact.ts";
import { MIRROR_LIMITS } from "../../src/workspace/mirrors/git/git-mirrors.ts";
import { serveGit } from "../fakes/git-http-server.ts";
import { commitTo, git, gitInput } from "../fakes/git-repository.ts";
import {
  commitRequest,
  type MirrorPlace,
  openMirror,
  remoteOf,
  TOKEN,
  useMirrorPlace,
} from "../fakes/mirror-place.ts";

const place = useMirrorPlace();
const text = (data: Uint8Array | undefined) => data && new TextDecoder().decode(data);

describe("fetch", () => {
  it("brings the commit and its tree, and sends the header", async () => {
    place.server.authorizations.length = 0;
    expect(await place.mirror.fetch(remoteOf(place), "main")).toBe(place.baseSha);
    expect(new Set(place.server.authorizations)).toEqual(new Set([TOKEN]));
    const tree = await place.mirror.list(place.baseSha);
    expect(tree.map(({ path, mode, bytes: size }) => [path, mode, size])).toEqual([
      ["README.md", "100644", 10],
      ["bin/run", "100755", 10],
      ["lib/a.js", "100644", 20],
      ["link", "120000", 8],
    ]);
  });

  it("knows HEAD, full refs and a moved branch, and asks for nothing it has", async () => {
    expect(await place.mirror.fetch(remoteOf(place), "HEAD")).toBe(place.baseSha);
    place.server.authorizations.length = 0;
    expect(await place.mirror.fetch(remoteOf(place), "refs/heads/main")).toBe(place.baseSha);
    expect(place.server.authorizations.length).toBeLessThanOrEqual(2);
    const next = commitTo(place.root, place.name, { "lib/b.js": "b\n" }, "Next");
    expect(await place.mirror.fetch(remoteOf(place), "main")).toBe(next);
    expect(text(await place.mirror.readFile(next, "README.md", 100))).toBe("# Read me\n");
    expect(text(await place.mirror.readFile(next, "lib/b.js", 100))).toBe("b\n");
  });

  it("keeps the credential out of every file of the mirror", async () => {
    await place.mirror.fetch(remoteOf(place), "main");
    await place.mirror.commit(commitRequest(place));
    const found = git(
      place.root,
      "grep",
      "--no-index",
      "-a",
      "-l",
      "-e",
      "repositoryformatversion",
      "--",
      "mirrors",
    );
    expect(found).not.toBe("");
    for (const needle of [TOKEN, "c2VjcmV0", "secret-canary"]) {
      expect(() =>
        git(place.root, "grep", "--no-index", "-a", "-e", needle, "--", "mirrors"),
      ).toThrow();
    }
  });

  it.each([
    [
      "an empty repository",
      (place: MirrorPlace) => {
        place.name = `empty-${place.id}.git`;
        git(place.root, "init", "-q", "--bare", place.name);
      },
      "main",
      "invalid-request",
      "empty-repository",
    ],
    ["an unknown branch", () => {}, "nope", "invalid-request", "ref-not-found"],
    ["a name that git forbids", () => {}, "a:b", "invalid-request", "ref-name"],
    [
      "an unknown repository",
      (place: MirrorPlace) => {
        place.name = "missing.git";
      },
      "main",
      "not-permitted",
      "repository-not-found",
    ],
  ])("says so for %s", async (_what, prepare, ref, kind, code) => {
    prepare(place);
    await expect(place.mirror.fetch(remoteOf(place), ref)).rejects.toMatchObject({ kind, code });
  });

  it("tells rejected credentials from an unreachable host", async () => {
    const wrong = { ...remoteOf(place), authorization: "Basic d3Jvbmc=" };
    const rejected = await place.mirror.fetch(wrong, "main").catch((error) => error);
    expect(rejected).toMatchObject({ kind: "not-permitted", code: "git-credentials-rejected" });
    expect(JSON.stringify(rejected)).not.toContain("d3Jvbmc=");
    const nobody = { url: "http://127.0.0.1:1/x.git" };
    await expect(place.mirror.fetch(nobody, "main")).rejects.toMatchObject({
      kind: "unavailable",
      code: "git-unreachable",
    });
    place.server.intercept = (_request, response) => {
      response.writeHead(502).end();
      return true;
    };
    await expect(place.mirror.fetch(remoteOf(place), "main")).rejects.toMatchObject({
      kind: "unavailable",
    });
  });

  it("sends the credential to no other host", async () => {
    await using other = await serveGit(place.root, TOKEN);
    place.server.intercept = (incoming, response) => {
      response.writeHead(301, { location: `${other.url}${incoming.url?.slice(1)}` }).end();
      return true;
    };
    await expect(place.mirror.fetch(remoteOf(place), "main")).rejects.toMatchObject({
      code: "repository-moved",
    });
    expect(other.authorizations).toEqual([]);
  });

  it.each([
    ["file:///etc", "git-protocol"],
    ["ext::sh -c 'touch /tmp/pwned'", "git-protocol"],
    ["ssh://127.0.0.1/x", "git-protocol"],
    ["--upload-pack=touch /tmp/pwned", "git-protocol"],
  ])("refuses the address %s", async (url, code) => {
    await expect(place.mirror.fetch({ url }, "main")).rejects.toMatchObject({ code });
  });

  it("ends a fetch that stalls, when told and when time is over", async () => {
    place.server.intercept = (incoming) => incoming.method === "POST";
    const stop = new AbortController();
    const stopped = place.mirror.fetch(remoteOf(place), "main", { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 300);
    await expect(stopped).rejects.toThrow("enough");
    const hasty = await openMirror(place, { limits: { ...MIRROR_LIMITS, networkTimeoutMs: 500 } });
    await expect(hasty.fetch(remoteOf(place), "main")).rejects.toMatchObject({
      kind: "unavailable",
      code: "git-unreachable",
    });
    place.server.intercept = undefined;
    expect(await place.mirror.fetch(remoteOf(place), "main")).toBe(place.baseSha);
  });

  it("ends a fetch that brings too much, and leaves nothing of it", async () => {
    const noise = new Uint8Array(3 << 20);
    for (let at = 0; at < noise.length; at += 65_536) {
      crypto.getRandomValues(noise.subarray(at, at + 65_536));
    }
    commitTo(place.root, place.name, { "big.bin": noise }, "Big");
    const small = await openMirror(place, { limits: { ...MIRROR_LIMITS, bytes: 1 << 20 } });
    await expect(small.fetch(remoteOf(place), "main")).rejects.toMatchObject({
      kind: "limit-reached",
      code: "repository-too-large",
    });
    const scratch = await readdir(join(place.root, "mirrors", "scratch"));
    expect(scratch).toEqual([]);
  });

  it("serves many at once on one mirror, as several processes would", async () => {
    const next = commitTo(place.root, place.name, { "lib/b.js": "b\n" }, "Next");
    const mirrors = await Promise.all([1, 2, 3, 4, 5, 6].map(() => openMirror(place)));
    const shas = await Promise.all(
      mirrors.map((one, index) => one.fetch(remoteOf(place), index % 2 ? "HEAD" : "main")),
    );
    expect(new Set(shas)).toEqual(new Set([next]));
    const heads = await Promise.all(
      mirrors.map((one) => one.commit(commitRequest(place, { parentSha: next }))),
    );
    expect(new Set(heads).size).toBe(1);
    expect((await readAll(place.mirror.pack(next))).length).toBeGreaterThan(100);
  });

  it("works beside what a killed process left", async () => {
    const folder = join(place.root, "mirrors", `${place.id}.git`);
    for (const lock of [
      "shallow.lock",
      "packed-refs.lock",
      "HEAD.lock",
      "config.lock",
      "index.lock",
    ]) {
      await writeFile(join(folder, lock), "");
    }
    await writeFile(join(folder, "objects/pack/tmp_pack_Xy"), "half");
    await mkdir(join(place.root, "mirrors/scratch/scratch-dead/objects"), { recursive: true });
    const again = await openMirror(place);
    expect(await again.fetch(remoteOf(place), "main")).toBe(place.baseSha);
    expect(await again.commit(commitRequest(place))).toMatch(/^[0-9a-f]{40}$/);
    await rm(join(place.root, "mirrors/scratch/scratch-dead"), { recursive: true });
  });

  it("refuses a tree that holds a .git folder", async () => {
    const bare = join(place.root, place.name);
    const blob = git(bare, "hash-object", "-w", "description");
    const inner = gitInput(bare, `100644 blob ${blob}\tconfig\n`, "mktree");
    const tree = gitInput(bare, `040000 tree ${inner}\t.git\n`, "mktree");
    git(bare, "update-ref", "refs/heads/evil", git(bare, "commit-tree", "-m", "x", tree));
    await expect(place.mirror.fetch(remoteOf(place), "evil")).rejects.toMatchObject({
      code: "repository-unsafe",
    });
  });

  it.each([
    ["a linked .gitmodules", { ".gitmodules": { link: "lib/a.js" } }],
    [
      "a submodule's address that is an option",
      { ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n' },
    ],
    [
      "a submodule's path that is an option",
      { ".gitmodules": '[submodule "x"]\n\tpath = -x\n\turl = ./x\n' },
    ],
  ])("refuses %s", async (_what, files) => {
    commitTo(place.root, place.name, files, "Evil");
    await expect(place.mirror.fetch(remoteOf(place), "main")).rejects.toMatchObject({
      code: "repository-unsafe",
    });
  });

  it("refuses files that are small only while they are packed", async () => {
    commitTo(place.root, place.name, { zeros: new Uint8Array(20 << 20) }, "Bomb");
    const small = await openMirror(place, { limits: { ...MIRROR_LIMITS, bytes: 2 << 20 } });
    const sha = await small.fetch(remoteOf(place), "main");
    await expect(small.list(sha)).rejects.toMatchObject({ code: "repository-too-large" });
  });

  it("removes what killed processes left a day ago, and nothing newer", async () => {
    const scratch = join(place.root, "mirrors/scratch");
    for (const age of [23, 25]) {
      const folder = join(scratch, `scratch-${age}`);
      await mkdir(join(folder, "objects"), { recursive: true });
      const then = new Date(Date.now() - age * 3600_000);
      await utimes(folder, then, then);
    }
    await openMirror(place);
    expect(await readdir(scratch)).toEqual(["scratch-23"]);
    await rm(join(scratch, "scratch-23"), { recursive: true });
  });

  it("refuses a tree that unfolds without end", async () => {
    const bare = join(place.root, place.name);
    const blob = git(bare, "hash-object", "-w", "description");
    let tree = gitInput(bare, `100644 blob ${blob}\tf\n`, "mktree");
    for (let depth = 0; depth < 10; depth++) {
      const lines = Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${index}\n`);
      tree = gitInput(bare, lines.join(""), "mktree");
    }
    git(bare, "update-ref", "refs/heads/bomb", git(bare, "commit-tree", "-m", "x", tree));
    const sha = await place.mirror.fetch(remoteOf(place), "bomb");
    await expect(place.mirror.list(sha)).rejects.toMatchObject({ code: "repository-too-large" });
  });

  it("lists 12,000 files", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, index) => [
        `d${index % 97}/file-${index}.txt`,
        `${index}`,
      ]),
    );
    commitTo(place.root, place.name, files, "Many");
    const tree = await place.mirror.list(await place.mirror.fetch(remoteOf(place), "main"));
    expect(tree).toHaveLength(12_004);
  });

  it("reads a repository of this machine only when that is allowed", async () => {
    const url = `file://${join(place.root, place.name)}`;
    const local = await openMirror(place, { localRepositories: true });
    expect(await local.fetch({ url }, "HEAD")).toBe(place.baseSha);
    await expect(place.mirror.fetch({ url }, "HEAD")).rejects.toMatchObject({
      code: "git-protocol",
    });
  });
});

describe("read", () => {
  it("gives files only, and only up to the limit", async () => {
    await place.mirror.fetch(remoteOf(place), "main");
    expect(await place.mirror.readFile(place.baseSha, "lib", 100)).toBeUndefined();
    expect(await place.mirror.readFile(place.baseSha, "link", 100)).toBeUndefined();
    expect(await place.mirror.readFile(place.baseSha, "*.md", 100)).toBeUndefined();
    expect(await place.mirror.readFile(place.baseSha, "-x", 100)).toBeUndefined();
    await expect(place.mirror.readFile(place.baseSha, "README.md", 9)).rejects.toMatchObject({
      code: "file-too-large",
    });
    await expect(place.mirror.list("HEAD")).rejects.toMatchObject({ code: "not-a-sha" });
  });

  it("packs one commit without its history", async () => {
    const next = commitTo(place.root, place.name, { "lib/b.js": "b\n" }, "Next");
    await place.mirror.fetch(remoteOf(place), "main");
    const pack = await readAll(place.mirror.pack(next));
    const target = join(place.root, `unpacked-${place.id}`);
    git(place.root, "init", "--quiet", "--bare", target);
    gitInput(target, pack, "index-pack", "--stdin");
    expect(git(target, "cat-file", "-t", next)).toBe("commit");
    expect(() => git(target, "cat-file", "-t", place.baseSha)).toThrow();
    expect(git(target, "ls-tree", "-r", "--name-only", next).split("\n")).toHaveLength(5);
  });
});
