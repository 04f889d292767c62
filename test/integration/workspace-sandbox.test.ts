import { join } from "node:path";
import { expect, it } from "vitest";
import { createFolderStore } from "../../src/artifact/stores/folder.ts";
import type { Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { applyChanges } from "../../src/workspace/apply-changes.ts";
import { readChanges } from "../../src/workspace/changes.ts";
import { hasChanged, markAsRead } from "../../src/workspace/has-changed.ts";
import { openLayer, saveDependencies } from "../../src/workspace/layers.ts";
import { checkOut } from "../fakes/check-out.ts";
import { commitTo } from "../fakes/git-repository.ts";
import { remoteOf, useMirrorPlace } from "../fakes/mirror-place.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const place = useMirrorPlace();

describeEachRuntime("a workspace", (runtime) => {
  const create = (more: Partial<SandboxSpec> = {}) =>
    providerFor(runtime).create({ ...SPEC, ...more });

  async function start(sandbox: Sandbox) {
    const sha = await place.mirror.fetch(remoteOf(place), "main");
    await checkOut(sandbox, place.mirror, sha);
    return { baseSha: sha, tree: await place.mirror.list(sha), ignore: [] as readonly string[] };
  }

  it("goes in, comes out as a patch and goes into another sandbox", async () => {
    await using sandbox = await create();
    const base = await start(sandbox);
    const head = await sh(sandbox, "git rev-parse HEAD; git status --porcelain; git remote");
    expect(head.out).toBe(`${base.baseSha}\n`);
    await sh(
      sandbox,
      "rm README.md; echo new > lib/a.js; chmod +x lib/a.js; ln -s lib other; mkdir -p d; printf x > 'd/a\nb'",
    );
    const patch = await readChanges(sandbox, base);
    expect(patch.changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "delete README.md",
      "write d/a\nb",
      "write lib/a.js",
      "write other",
    ]);
    await using fresh = await create();
    await start(fresh);
    await applyChanges(fresh, patch.changes);
    expect(await readChanges(fresh, base)).toEqual(patch);
  });

  it("keeps what an install made as a layer, without what it did to the commit's files", async () => {
    const artifacts = await createFolderStore(join(place.root, "artifacts"));
    await using first = await create();
    const base = await start(first);
    expect(await saveDependencies(first, artifacts, base)).toBeUndefined();
    await sh(
      first,
      "mkdir -p node_modules/.bin node_modules/x; echo dep > node_modules/x/i.js; ln -s ../x/i.js node_modules/.bin/x; echo changed > README.md; echo built > lib/built.js",
    );
    const saved = await saveDependencies(first, artifacts, base);
    expect(saved?.paths).toEqual(["lib/built.js", "node_modules/"]);
    if (saved === undefined) return;
    await using second = await create({ layers: [openLayer(artifacts, saved, "test")] });
    await start(second);
    const seen = await sh(second, "cat README.md lib/built.js node_modules/.bin/x; git status -s");
    expect(seen.out).toBe("# Read me\nbuilt\ndep\n?? lib/built.js\n?? node_modules/\n");
    const changes = await readChanges(second, { ...base, ignore: saved.paths });
    expect(changes.changes).toEqual([]);
  });

  it("tells whether it has changed since it was read, whatever times its files are given", async () => {
    await using sandbox = await create();
    const base = { ...(await start(sandbox)), ignore: ["deps [1]/"] };
    expect(await hasChanged(sandbox, base)).toBe(true);
    expect(await markAsRead(sandbox)).toBe(true);
    expect(await hasChanged(sandbox, base)).toBe(false);
    const after = async (script: string) => {
      await readChanges(sandbox, base);
      await sh(sandbox, script);
      return hasChanged(sandbox, base);
    };
    expect(await after("cat README.md; ls -R > /tmp/list; git status; git tag x")).toBe(false);
    expect(await after("echo more >> README.md; touch -d 2001-01-01 README.md")).toBe(true);
    expect(await after("chmod +x README.md")).toBe(true);
    expect(await after("mkdir d; touch d/new; touch -d 2001-01-01 d/new d .")).toBe(true);
    expect(await after("rm d/new; touch -d 2001-01-01 d")).toBe(true);
    expect(await after("mkdir 'deps [1]'")).toBe(true); // the workspace's own folder has changed
    expect(await after("echo 1 > 'deps [1]/x.js'")).toBe(false);
    expect(await after("rm -rf /tmp/.dunlin*")).toBe(true);
  });

  it("of 10,000 files goes in and comes out", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `many/${index % 100}/f${index}.js`,
        `${index}\n`,
      ]),
    );
    commitTo(place.root, place.name, files, "Many");
    await using sandbox = await create();
    const base = await start(sandbox);
    await sh(sandbox, "echo new > many/7/f7.js; rm -r many/8");
    const changes = await readChanges(sandbox, base);
    expect(changes.changes.filter(({ kind }) => kind === "delete")).toHaveLength(100);
    expect(changes.changes.filter(({ kind }) => kind === "write")).toHaveLength(1);
  });

  it("says which limit a hostile change set meets", async () => {
    await using sandbox = await create();
    const base = await start(sandbox);
    await sh(sandbox, "truncate -s 1T huge || truncate -s 2G huge");
    await expect(readChanges(sandbox, base)).rejects.toMatchObject({ code: "file-too-large" });
    await sh(sandbox, "rm huge; seq 3000 | xargs touch");
    await expect(readChanges(sandbox, base)).rejects.toMatchObject({ code: "too-many-files" });
    await sh(sandbox, "seq 3000 | xargs rm; cat /dev/zero > /tmp/full 2>/dev/null; echo x > x");
    await expect(readChanges(sandbox, base)).rejects.toMatchObject({ kind: "limit-reached" });
    await sh(sandbox, "rm /tmp/full");
    expect((await readChanges(sandbox, base)).changes.map(({ path }) => path)).toEqual(["x"]);
  });
});
