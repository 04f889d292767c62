import { mkdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyChanges } from "../../src/workspace/apply-changes.ts";
import { readChanges } from "../../src/workspace/changes.ts";
import type { FileChange, Patch, TreeEntry } from "../../src/workspace/patch.ts";
import { checkOut } from "../fakes/check-out.ts";
import { commitTo, type Fixture, git, writeFixture } from "../fakes/git-repository.ts";
import { createLocalSandbox } from "../fakes/local-sandbox.ts";
import { commitRequest, remoteOf, useMirrorPlace } from "../fakes/mirror-place.ts";

const place = useMirrorPlace();
const text = (data: Uint8Array) => new TextDecoder().decode(data);
let sandbox: Awaited<ReturnType<typeof createLocalSandbox>>;
let baseSha: string;
let tree: readonly TreeEntry[];

beforeEach(async () => {
  sandbox = await createLocalSandbox();
  await start({});
});
afterEach(() => sandbox.destroy());

/** A workspace that stands at a commit with these files beside the usual ones. */
async function start(files: Readonly<Record<string, Fixture>>): Promise<void> {
  baseSha = commitTo(place.root, place.name, files, "Base");
  await place.mirror.fetch(remoteOf(place), "main");
  tree = await place.mirror.list(baseSha);
  await rm(sandbox.folder, { recursive: true });
  await mkdir(sandbox.folder);
  await checkOut(sandbox, place.mirror, baseSha);
}

const write = (path: string, fixture: Fixture) => writeFixture(sandbox.folder, path, fixture);
const changes = (ignore: readonly string[] = []): Promise<Patch> =>
  readChanges(sandbox, { baseSha, tree, ignore });
const summary = (patch: Patch) =>
  patch.changes.map((change) =>
    change.kind === "delete"
      ? `D ${change.path}`
      : `${change.mode} ${change.path} ${text(change.data)}`,
  );

describe("checkOut", () => {
  it("gives a clone at the base commit, with no remote and no other commit", async () => {
    expect(git(sandbox.folder, "rev-parse", "HEAD")).toBe(baseSha);
    expect(git(sandbox.folder, "status", "--porcelain")).toBe("");
    expect(git(sandbox.folder, "log", "--format=%H")).toBe(baseSha);
    expect(git(sandbox.folder, "remote")).toBe("");
    expect(git(sandbox.folder, "cat-file", "--batch-all-objects", "--batch-check")).not.toContain(
      place.baseSha,
    );
    expect(git(sandbox.folder, "fsck")).toBe("");
    expect((await stat(join(sandbox.folder, "bin/run"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(sandbox.folder, "link"))).toBe("lib/a.js");
  });

  it("lets people's git commands work", async () => {
    await write("lib/a.js", "changed\n");
    git(sandbox.folder, "stash");
    git(sandbox.folder, "stash", "pop");
    expect(git(sandbox.folder, "diff", "--stat")).toContain("lib/a.js");
  });

  it("puts the commit's files over what a layer brought", async () => {
    await rm(sandbox.folder, { recursive: true });
    await mkdir(sandbox.folder);
    await write("node_modules/x/index.js", "dependency\n");
    await write("README.md", "from the layer\n");
    await write("lib", { link: "/etc" });
    await checkOut(sandbox, place.mirror, baseSha);
    expect(await readFile(join(sandbox.folder, "README.md"), "utf8")).toBe("# Read me\n");
    expect(await readFile(join(sandbox.folder, "lib/a.js"), "utf8")).toContain("const a = 1");
    expect(await readFile(join(sandbox.folder, "node_modules/x/index.js"), "utf8")).toBe(
      "dependency\n",
    );
  });
});

describe("readChanges", () => {
  it("is empty when nothing changed", async () => {
    expect(await changes()).toEqual({ baseSha, changes: [] });
    await write("lib/a.js", "export const a = 1;\n");
    expect(summary(await changes())).toEqual([]);
  });

  it("gives new, changed and deleted files, modes and links, sorted", async () => {
    await rm(join(sandbox.folder, "README.md"));
    await write("lib/a.js", { executable: "new\n" });
    await write("link", "a file now");
    await write("bin/run", { link: "../lib" });
    await write("z/odd \t\n\"'\\name", "odd");
    await write("ünï", "");
    await write("binary", new Uint8Array([0, 255, 10, 0]));
    const patch = await changes();
    expect(summary(patch)).toEqual([
      "D README.md",
      "120000 bin/run ../lib",
      "100644 binary \u0000\ufffd\n\u0000",
      "100755 lib/a.js new\n",
      "100644 link a file now",
      "100644 z/odd \t\n\"'\\name odd",
      "100644 ünï ",
    ]);
  });

  it("swaps files, folders and links for each other", async () => {
    await rm(join(sandbox.folder, "lib"), { recursive: true });
    await write("lib", "flat");
    await rm(join(sandbox.folder, "README.md"));
    await write("README.md/inner", "deep");
    await rm(join(sandbox.folder, "bin"), { recursive: true });
    await write("bin", { link: "/etc" });
    expect(summary(await changes())).toEqual([
      "D README.md",
      "100644 README.md/inner deep",
      "120000 bin /etc",
      "D bin/run",
      "100644 lib flat",
      "D lib/a.js",
    ]);
  });

  it("leaves out what is ignored by .gitignore or made by the set-up", async () => {
    await write(".gitignore", "*.log\n!keep.log\n");
    await write("noise.log", "x");
    await write("keep.log", "x");
    await write("node_modules/[a]/index.js", "x");
    await write("node_modules/.gitignore", "!*\n");
    await write("made.txt", "x");
    await write("made.txt.js", "x");
    const patch = await changes(["node_modules/", "made.txt", "gone\nname"]);
    expect(patch.changes.map(({ path }) => path)).toEqual([
      ".gitignore",
      "keep.log",
      "made.txt.js",
    ]);
  });

  it("looks at no setting, hook, index or commit of the workspace's own repository", async () => {
    const canary = join(sandbox.folder, "../canary");
    const program = join(sandbox.folder, "evil.sh");
    await writeFile(program, `#!/bin/sh\ntouch ${canary}\ncat\n`, { mode: 0o755 });
    for (const [key, value] of [
      ["core.fsmonitor", program],
      ["core.hooksPath", sandbox.folder],
      ["filter.evil.clean", program],
      ["filter.evil.smudge", program],
      ["filter.evil.process", program],
      ["diff.evil.textconv", program],
      ["diff.external", program],
      ["core.worktree", "/"],
      ["core.excludesFile", "/dev/null"],
    ]) {
      git(sandbox.folder, "config", key ?? "", value ?? "");
    }
    await write(".git/info/attributes", "* filter=evil diff=evil\n");
    await write(".git/info/exclude", "*\n");
    await write("post-index-change", { executable: `#!/bin/sh\ntouch ${canary}\n` });
    await write(".git/index", "broken");
    await write("lib/a.js", "changed\n");
    const patch = await changes();
    expect(patch.changes.map(({ path }) => path)).toEqual([
      "evil.sh",
      "lib/a.js",
      "post-index-change",
    ]);
    await place.mirror.commit(commitRequest(place, { parentSha: baseSha, changes: patch.changes }));
    await expect(stat(canary)).rejects.toThrow("ENOENT");
    await rm(join(sandbox.folder, ".git"), { recursive: true });
    expect(await changes()).toEqual(patch);
  });

  it("works when the private folder was tampered with", async () => {
    await sandbox.exec(["sh", "-c", "mkdir -p /tmp/.dunlin-git/x; ln -s /etc /tmp/.dunlin-git/y"], {
      timeoutMs: 10_000,
    });
    await write("new.txt", "x");
    expect(summary(await changes())).toEqual(["100644 new.txt x"]);
  });
});

describe("line ends and encodings", () => {
  const ODD = {
    ".gitattributes":
      "*.bat text eol=crlf\n*.auto text=auto\n*.u16 working-tree-encoding=UTF-16LE\n*.psd filter=lfs\n",
    "a.bat": "one\ntwo\n",
    "b.auto": "one\ntwo\n",
    "mixed.txt": "one\r\ntwo\n",
    "crlf.js": "one\r\ntwo\r\n",
    "raw.u16": "hi\n",
    "a.psd": "version https://git-lfs.github.com/spec/v1\n",
    "bin.dat": new Uint8Array([0, 13, 10, 255]),
    empty: "",
  };

  it("leaves untouched files alone", async () => {
    await start(ODD);
    expect(await readFile(join(sandbox.folder, "a.bat"), "utf8")).toBe("one\r\ntwo\r\n");
    expect(summary(await changes())).toEqual([]);
  });

  it("gives the blob that a commit would have, and only of the intended files", async () => {
    await start(ODD);
    await write("a.bat", "one\r\n2\r\n");
    await write("crlf.js", "one\r\n2\r\n");
    await write("raw.u16", Buffer.from("ho\n", "utf16le"));
    const patch = await changes();
    expect(summary(patch)).toEqual([
      "100644 a.bat one\n2\n",
      "100644 crlf.js one\r\n2\r\n",
      "100644 raw.u16 ho\n",
    ]);
    const head = await place.mirror.commit(
      commitRequest(place, { parentSha: baseSha, changes: patch.changes }),
    );
    const before = new Map(tree.map(({ path, blob, mode }) => [path, `${blob} ${mode}`]));
    const after = await place.mirror.list(head);
    expect(after).toHaveLength(tree.length);
    expect(
      after
        .filter(({ path, blob, mode }) => before.get(path) !== `${blob} ${mode}`)
        .map((e) => e.path),
    ).toEqual(["a.bat", "crlf.js", "raw.u16"]);
  });

  it("comes back in another workspace as it was", async () => {
    await start(ODD);
    await write("a.bat", "one\r\n2\r\n");
    await write("new.bat", "new\r\n");
    await write("raw.u16", Buffer.from("ho\n", "utf16le"));
    const patch = await changes();
    await start({});
    await applyChanges(sandbox, patch.changes);
    expect(await readFile(join(sandbox.folder, "a.bat"), "utf8")).toBe("one\r\n2\r\n");
    expect(await readFile(join(sandbox.folder, "new.bat"), "utf8")).toBe("new\r\n");
    expect((await changes()).changes).toEqual(patch.changes);
  });
});

describe("applyChanges", () => {
  it("writes what readChanges read", async () => {
    await rm(join(sandbox.folder, "lib"), { recursive: true });
    await write("lib", { link: "bin" });
    await rm(join(sandbox.folder, "README.md"));
    await write('README.md/inner\n"x\\y"', { executable: "deep" });
    await rm(join(sandbox.folder, "bin"), { recursive: true });
    await write("bin", "flat");
    await write("-rf", "before\n");
    const patch = await changes();
    await start({});
    await write("-rf", "something else");
    await applyChanges(sandbox, patch.changes);
    expect(await changes()).toEqual({ baseSha, changes: patch.changes });
  });

  it("follows no link out of the workspace", async () => {
    const outside = join(sandbox.folder, "../outside");
    await mkdir(outside);
    await writeFile(join(outside, "precious"), "precious");
    await rm(join(sandbox.folder, "lib"), { recursive: true });
    await write("lib", { link: outside });
    await write("README.md", { link: join(outside, "precious") });
    const list: FileChange[] = [
      { path: "README.md", kind: "write", mode: "100644", data: new TextEncoder().encode("mine") },
      { path: "lib/new", kind: "write", mode: "100644", data: new TextEncoder().encode("mine") },
      { path: "lib/precious", kind: "delete" },
    ];
    await applyChanges(sandbox, list);
    expect(await readFile(join(outside, "precious"), "utf8")).toBe("precious");
    await expect(stat(join(outside, "new"))).rejects.toThrow("ENOENT");
    expect(await readFile(join(sandbox.folder, "README.md"), "utf8")).toBe("mine");
  });

  it("refuses git's own folder", async () => {
    const data = new TextEncoder().encode("[core]\n");
    await expect(
      applyChanges(sandbox, [{ path: ".git/config", kind: "write", mode: "100644", data }]),
    ).rejects.toMatchObject({ kind: "invalid-request" });
  });
});
