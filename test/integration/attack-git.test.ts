import { existsSync } from "node:fs";
import { appendFile, chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commitTo, git, gitInput } from "../fakes/git-repository.ts";
import {
  commitRequest,
  openMirror,
  refsOf,
  remoteOf,
  useMirrorPlace,
} from "../fakes/mirror-place.ts";

const place = useMirrorPlace();

/** Fetches, and says what was refused when it was. */
async function fetchOr(ref = "main"): Promise<string> {
  return place.mirror.fetch(remoteOf(place), ref).catch((error: { code: string }) => error.code);
}

describe("a hostile repository", () => {
  it.each([
    ["a path that ends in a carriage return", '\tpath = "sub\r"\n\turl = ./other\n'],
    ["a path that leads out", "\tpath = ../../out\n\turl = ./other\n"],
    ["an address that is a program", "\tpath = sub\n\turl = ext::sh -c touch% pwned\n"],
    ["an update that is a program", "\tpath = sub\n\turl = ./other\n\tupdate = !touch pwned\n"],
  ])("has its submodules followed nowhere: %s", async (_what, module) => {
    const bare = join(place.root, place.name);
    commitTo(place.root, place.name, { ".gitmodules": `[submodule "x"]\n${module}` }, "Evil");
    const tree = git(bare, "ls-tree", "main");
    const linked = gitInput(bare, `${tree}\n160000 commit ${place.baseSha}\tsub\n`, "mktree");
    git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", "-m", "x", linked));
    const sha = await fetchOr();
    const folder = join(place.root, "mirrors", `${place.id}.git`);
    expect(existsSync(join(folder, "modules"))).toBe(false);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
    if (sha === "repository-unsafe") return;
    const entries = await place.mirror.list(sha);
    expect(entries.find(({ path }) => path === "sub")?.mode).toBe("160000");
  });

  it("of 50,000 refs gives the one that is asked for", async () => {
    const bare = join(place.root, place.name);
    const refs = Array.from(
      { length: 50_000 },
      (_, index) => `${place.baseSha} refs/heads/b${String(index).padStart(5, "0")}\n`,
    );
    await writeFile(join(bare, "packed-refs"), `# pack-refs with: sorted\n${refs.join("")}`);
    expect(await fetchOr()).toBe(place.baseSha);
    const mirrored = join(place.root, "mirrors", `${place.id}.git`);
    expect(git(mirrored, "--git-dir=.", "for-each-ref").split("\n").length).toBeLessThan(5);
  });

  it.each(["-x", "--upload-pack=touch pwned", "$(touch pwned)", "{a,b}", "n".repeat(200)])(
    "whose default branch is called %j is fetched or refused, and runs nothing",
    async (branch) => {
      const bare = join(place.root, place.name);
      await mkdir(join(bare, "refs/heads"), { recursive: true });
      await writeFile(join(bare, "refs/heads", branch), `${place.baseSha}\n`);
      await writeFile(join(bare, "HEAD"), `ref: refs/heads/${branch}\n`);
      expect([place.baseSha, "ref-name"]).toContain(await fetchOr(branch));
      expect([place.baseSha, "ref-name", "ref-not-found"]).toContain(await fetchOr("HEAD"));
      expect(existsSync("pwned")).toBe(false);
    },
  );
});

describe("a mirror whose own settings were changed", () => {
  it("has no hook, filter, driver or other address used", async () => {
    await place.mirror.fetch(remoteOf(place), "main");
    const folder = join(place.root, "mirrors", `${place.id}.git`);
    const trap = join(place.root, `trap-${place.id}`);
    const evil = join(place.root, "evil.sh");
    await writeFile(evil, `#!/bin/sh\ntouch ${trap}\ncat\n`);
    await chmod(evil, 0o755);
    await mkdir(join(folder, "hooks"), { recursive: true });
    for (const hook of ["pre-push", "reference-transaction", "post-index-change"]) {
      await writeFile(join(folder, "hooks", hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    }
    await mkdir(join(folder, "info"), { recursive: true });
    await writeFile(join(folder, "info", "attributes"), "* filter=evil diff=evil merge=evil\n");
    const mirror = await openMirror(place);
    await appendFile(
      join(folder, "config"),
      `[filter "evil"]\n\tclean = ${evil}\n\tsmudge = ${evil}\n[diff]\n\texternal = ${evil}\n[diff "evil"]\n\ttextconv = ${evil}\n\tcommand = ${evil}\n[gpg]\n\tprogram = ${evil}\n[commit]\n\tgpgSign = true\n[credential]\n\thelper = ${evil}\n[http]\n\tproxy = http://127.0.0.1:1/\n[url "http://127.0.0.1:1/"]\n\tpushInsteadOf = http\n[push]\n\tfollowTags = true\n`,
    );
    const head = await mirror.commit(commitRequest(place));
    const diff = new TextDecoder().decode(await mirror.diff(place.baseSha, head));
    expect(diff).toContain("+export const a = 2;");
    await mirror.push(remoteOf(place), head, "dunlin/1-fix");
    expect(refsOf(place)).toContain(`refs/heads/dunlin/1-fix ${head}`);
    expect(existsSync(trap)).toBe(false);
  });
});
