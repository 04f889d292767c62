import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { CommitRequest } from "../../src/workspace/mirror.ts";
import { commitTo, git, gitInput } from "../fakes/git-repository.ts";
import { commitRequest, refsOf, remoteOf, useMirrorPlace } from "../fakes/mirror-place.ts";

const place = useMirrorPlace();
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined) => data && new TextDecoder().decode(data);

describe("commit", () => {
  beforeEach(async () => {
    await place.mirror.fetch(remoteOf(place), "main");
  });

  it("gives the same sha for the same request, and has only the changes", async () => {
    const sha = await place.mirror.commit(commitRequest(place));
    expect(await place.mirror.commit(commitRequest(place))).toBe(sha);
    const before = await place.mirror.list(place.baseSha);
    const after = await place.mirror.list(sha);
    const changed = after.filter(
      (entry) => !before.some((one) => one.path === entry.path && one.blob === entry.blob),
    );
    expect(changed.map(({ path }) => path)).toEqual(["lib/a.js"]);
    expect(text(await place.mirror.diff(place.baseSha, sha))).toContain(
      "-export const a = 1;\n+export const a = 2;\n",
    );
  });

  it("writes modes, links, empty and binary files, deletes, and swaps files for folders", async () => {
    const binary = new Uint8Array([0, 1, 2, 255, 13, 10, 0]);
    const changes: CommitRequest["changes"] = [
      { path: "README.md", kind: "delete" },
      { path: "README.md/inner", kind: "write", mode: "100644", data: bytes("in\n") },
      { path: "bin/run", kind: "delete" },
      { path: "bin", kind: "write", mode: "100755", data: bytes("flat\n") },
      { path: "bin.dat", kind: "write", mode: "100644", data: binary },
      { path: "empty", kind: "write", mode: "100644", data: bytes("") },
      { path: "new-link", kind: "write", mode: "120000", data: bytes("lib") },
    ];
    const sha = await place.mirror.commit(commitRequest(place, { changes }));
    const tree = await place.mirror.list(sha);
    expect(tree.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      "100644 README.md/inner",
      "100755 bin",
      "100644 bin.dat",
      "100644 empty",
      "100644 lib/a.js",
      "120000 link",
      "120000 new-link",
    ]);
    expect(await place.mirror.readFile(sha, "bin.dat", 100)).toEqual(binary);
    const patch = await place.mirror.diff(place.baseSha, sha);
    const work = join(place.root, `apply-${place.id}`);
    git(place.root, "clone", "--quiet", join(place.root, place.name), work);
    gitInput(work, patch, "apply", "--index");
    expect(git(work, "write-tree")).toBe(treeOf(sha));
  });

  it.each([
    [{ author: { name: "A\nB", email: "a@b" } }, "commit-identity"],
    [{ author: { name: "A\u0000", email: "a@b" } }, "commit-identity"],
    [{ committer: { name: "A", email: "a@b>\nparent x" } }, "commit-identity"],
    [{ author: { name: " ", email: "a@b" } }, "commit-identity"],
    [{ message: "a\u0000b" }, "commit-message"],
    [{ message: "a\rb" }, "commit-message"],
    [{ message: " \n" }, "commit-message"],
    [
      { changes: [{ path: ".git/config", kind: "write", mode: "100644", data: bytes("") }] },
      "path-refused",
    ],
    [
      { changes: [{ path: "../x", kind: "write", mode: "100644", data: bytes("") }] },
      "path-refused",
    ],
    [
      { changes: [{ path: ".g\u200cit/x", kind: "write", mode: "100644", data: bytes("") }] },
      "path-refused",
    ],
    [
      { changes: [{ path: "git~1/x", kind: "write", mode: "100644", data: bytes("") }] },
      "path-refused",
    ],
    [
      { changes: [{ path: "lib", kind: "write", mode: "100644", data: bytes("") }] },
      "patch-conflict",
    ],
    [
      { changes: [{ path: "link/x", kind: "write", mode: "100644", data: bytes("") }] },
      "patch-conflict",
    ],
  ] as readonly [Partial<CommitRequest>, string][])("refuses %j", async (more, code) => {
    await expect(place.mirror.commit(commitRequest(place, more))).rejects.toMatchObject({
      kind: "invalid-request",
      code,
    });
  });

  it("keeps CRLF, UTF-16 and pointer files as they are, whatever attributes say", async () => {
    const odd = {
      ".gitattributes":
        "*.crlf text eol=crlf\n*.u16 working-tree-encoding=UTF-16\n*.psd filter=lfs diff=lfs\n",
      "a.psd": "version https://git-lfs.github.com/spec/v1\noid sha256:x\nsize 1\n",
      ".lfsconfig": `[lfs]\n\turl = ${place.server.url}lfs\n`,
    };
    place.baseSha = commitTo(place.root, place.name, odd, "Odd");
    await place.mirror.fetch(remoteOf(place), "main");
    place.server.authorizations.length = 0;
    const data = bytes("one\r\ntwo\r\n");
    const wide = new Uint8Array([0xff, 0xfe, 0x61, 0]);
    const sha = await place.mirror.commit(
      commitRequest(place, {
        changes: [
          { path: "x.crlf", kind: "write", mode: "100644", data },
          { path: "x.u16", kind: "write", mode: "100644", data: wide },
        ],
      }),
    );
    expect(await place.mirror.readFile(sha, "x.crlf", 100)).toEqual(data);
    expect(await place.mirror.readFile(sha, "x.u16", 100)).toEqual(wide);
    expect(text(await place.mirror.readFile(sha, "a.psd", 100))).toBe(odd["a.psd"]);
    expect(place.server.authorizations).toEqual([]);
  });

  function treeOf(sha: string): string {
    return git(
      join(place.root, "mirrors", `${place.id}.git`),
      "--git-dir=.",
      "rev-parse",
      `${sha}^{tree}`,
    );
  }
});

describe("push", () => {
  let head: string;
  beforeEach(async () => {
    await place.mirror.fetch(remoteOf(place), "main");
    head = await place.mirror.commit(commitRequest(place));
  });

  it("makes exactly one ref, with history intact, and is done when done twice", async () => {
    commitTo(place.root, place.name, { "later.txt": "later\n" }, "Later");
    const before = refsOf(place);
    await place.mirror.push(remoteOf(place), head, "dunlin/1-fix");
    await place.mirror.push(remoteOf(place), head, "dunlin/1-fix");
    expect(refsOf(place).split("\n")).toEqual(
      [`refs/heads/dunlin/1-fix ${head}`, ...before.split("\n")].sort(),
    );
    const history = git(join(place.root, place.name), "rev-list", head).split("\n");
    expect(history.slice(0, 2)).toEqual([head, place.baseSha]);
    expect(history).toHaveLength(3);
  });

  it("moves no branch that stands elsewhere, not even forward", async () => {
    git(join(place.root, place.name), "branch", "dunlin/1-fix", place.baseSha);
    const before = refsOf(place);
    await expect(place.mirror.push(remoteOf(place), head, "dunlin/1-fix")).rejects.toMatchObject({
      kind: "not-permitted",
      code: "branch-exists",
    });
    expect(refsOf(place)).toBe(before);
  });

  it.each([
    "--upload-pack=x",
    "$(id)",
    "{a,b}",
    "a;touch$IFS-pwned",
    "-x",
    "ünï/日本",
    "n".repeat(200),
  ])("pushes to and fetches from the branch %j", async (branch) => {
    await place.mirror.push(remoteOf(place), head, branch);
    expect(git(join(place.root, place.name), "rev-parse", `refs/heads/${branch}`)).toBe(head);
    expect(await place.mirror.fetch(remoteOf(place), branch)).toBe(head);
  });

  it.each(["a:b", "+main", "a..b", "a b", "*", "", "a.lock", "x/"])(
    "refuses the branch %j or pushes it as a plain name",
    async (branch) => {
      const before = refsOf(place);
      await place.mirror.push(remoteOf(place), head, branch).catch((error) => {
        expect(error).toMatchObject({ kind: "invalid-request" });
      });
      const added = refsOf(place)
        .split("\n")
        .filter((line) => !before.includes(line));
      expect(added).toEqual(branch === "+main" ? [`refs/heads/+main ${head}`] : []);
    },
  );

  it("quotes the host's reason for a refusal", async () => {
    const hook = join(place.root, place.name, "hooks/update");
    await writeFile(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await expect(place.mirror.push(remoteOf(place), head, "dunlin/1-fix")).rejects.toMatchObject({
      code: "push-refused",
      message: expect.stringContaining("hook declined"),
    });
  });

  it("succeeds when the answer was lost after the effect", async () => {
    let lost = false;
    place.server.intercept = (incoming, response) => {
      if (lost || !incoming.url?.endsWith("/git-receive-pack")) return false;
      lost = true;
      git(
        join(place.root, place.name),
        "fetch",
        "--quiet",
        join(place.root, "mirrors", `${place.id}.git`),
        `${head}:refs/heads/dunlin/1-fix`,
      );
      incoming.resume().on("end", () => response.destroy());
      return true;
    };
    await place.mirror.push(remoteOf(place), head, "dunlin/1-fix");
    expect(lost).toBe(true);
  });
});
