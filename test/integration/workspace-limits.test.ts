import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readChanges } from "../../src/workspace/changes.ts";
import { PATCH_LIMITS, type TreeEntry } from "../../src/workspace/patch.ts";
import { checkOut } from "../fakes/check-out.ts";
import { git, writeFixture } from "../fakes/git-repository.ts";
import { createLocalSandbox } from "../fakes/local-sandbox.ts";
import { remoteOf, useMirrorPlace } from "../fakes/mirror-place.ts";

const place = useMirrorPlace();
let sandbox: Awaited<ReturnType<typeof createLocalSandbox>>;
let tree: readonly TreeEntry[];

beforeEach(async () => {
  sandbox = await createLocalSandbox();
  await place.mirror.fetch(remoteOf(place), "main");
  tree = await place.mirror.list(place.baseSha);
  await checkOut(sandbox, place.mirror, place.baseSha);
});
afterEach(() => sandbox.destroy());

const shell = (script: string) => sandbox.exec(["bash", "-euc", script], { timeoutMs: 60_000 });
const changes = (ignore: readonly string[] = []) =>
  readChanges(sandbox, { baseSha: place.baseSha, tree, ignore });

describe("a workspace that a patch can't hold", () => {
  it.each([
    [
      "a sparse file of 1 TiB",
      "truncate -s 1T huge.bin",
      "limit-reached",
      "file-too-large",
      "huge.bin",
    ],
    [
      "a file of the base that grew",
      "truncate -s 1T lib/a.js",
      "limit-reached",
      "file-too-large",
      "lib/a.js",
    ],
    [
      "too many files",
      "mkdir m; cd m; seq 5000 | xargs touch",
      "limit-reached",
      "too-many-files",
      `${PATCH_LIMITS.files} files`,
    ],
    [
      "too many bytes",
      "for i in 1 2 3 4 5 6; do head -c 3M /dev/zero > $i; done",
      "limit-reached",
      "too-many-bytes",
      "16 MiB",
    ],
    ["a name that isn't UTF-8", "touch $'a\\xffb'", "invalid-request", "path-not-utf8", "a\u00ffb"],
    [
      "a pipe in the place of a file",
      "rm lib/a.js; mkfifo lib/a.js",
      "invalid-request",
      "special-file",
      "lib/a.js",
    ],
    [
      "a repository in the repository",
      "git init -q sub; touch sub/x; git -C sub add x; git -C sub -c user.name=a -c user.email=a@b commit -qm x",
      "invalid-request",
      "embedded-repository",
      "sub/",
    ],
    [
      "a repository in the place of a file",
      "rm README.md; git init -q README.md; cd README.md; touch x; git add x; git -c user.name=a -c user.email=a@b commit -qm x",
      "invalid-request",
      "embedded-repository",
      "README.md",
    ],
    [
      "a folder called .GIT",
      "mkdir lib/.GIT; touch lib/.GIT/config",
      "invalid-request",
      "path-refused",
      "lib/.GIT/config",
    ],
    [
      "a name with a newline in what is too large",
      "truncate -s 1G $'a\\nb'",
      "limit-reached",
      "file-too-large",
      "a\\u{a}b",
    ],
  ])("is refused with its reason: %s", async (_what, script, kind, code, named) => {
    expect((await shell(script)).exitCode).toBe(0);
    await expect(changes()).rejects.toMatchObject({
      kind,
      code,
      message: expect.stringContaining(named),
    });
  });

  it("comes out once it is mended", async () => {
    await shell("truncate -s 1T huge.bin; rm lib/a.js; mkfifo lib/a.js");
    await expect(changes()).rejects.toMatchObject({ name: "Failure" });
    await shell("rm huge.bin lib/a.js; echo new > lib/a.js");
    expect((await changes()).changes.map(({ path }) => path)).toEqual(["lib/a.js"]);
  });

  it("holds pipes and sockets beside the commit's files, as git does", async () => {
    await shell("mkfifo pipe; echo x > x.txt");
    expect((await changes()).changes.map(({ path }) => path)).toEqual(["x.txt"]);
  });

  it("holds deep folders, 250-byte names and paths up to what git can open", async () => {
    await shell(
      "mkdir -p $(printf 'd/%.0s' {1..300}); touch $(printf 'd/%.0s' {1..300})x $(printf 'n%.0s' {1..250})",
    );
    expect((await changes()).changes).toHaveLength(2);
  });

  it("ignores 8,000 files of the set-up without reading them", async () => {
    await mkdir(join(sandbox.folder, "node_modules"));
    await shell("cd node_modules; seq 8000 | xargs touch");
    await writeFile(join(sandbox.folder, "node_modules/large"), "");
    await truncate(join(sandbox.folder, "node_modules/large"), 2 ** 40);
    await writeFixture(sandbox.folder, "lib/a.js", "new\n");
    expect((await changes(["node_modules/"])).changes.map(({ path }) => path)).toEqual([
      "lib/a.js",
    ]);
  });

  it("stops when told", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(
      readChanges(sandbox, { baseSha: place.baseSha, tree, ignore: [], signal }),
    ).rejects.toThrow("enough");
  });

  it("says so when the sandbox is gone", async () => {
    const gone = {
      ...sandbox,
      exec: async () => ({
        end: "lost" as const,
        exitCode: null,
        signal: null,
        stdout: new Uint8Array(),
        stderr: new Uint8Array(),
        droppedBytes: 0,
        durationMs: 0,
      }),
    };
    await expect(
      readChanges(gone, { baseSha: place.baseSha, tree, ignore: [] }),
    ).rejects.toMatchObject({ kind: "unavailable", code: "sandbox-lost" });
    expect(git(sandbox.folder, "status", "--porcelain")).toBe("");
    await rm(join(sandbox.folder, "lib"), { recursive: true });
  });
});
