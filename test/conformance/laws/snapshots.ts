import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { layer } from "../archive.ts";
import type { Law } from "../law.ts";
import { fails, sh, succeeded } from "../shell.ts";

/** A tree with all that an exact copy has to keep, and something to delete from it. */
const MAKE_TREE = `mkdir -p tree/empty tree/sub && cd tree && printf 'a\\377b' > bytes && printf x > run &&
  chmod 755 run && chmod 600 bytes && ln -s bytes link && ln -s /nowhere dangling && ln run twin &&
  echo x > "$(printf 'odd\\n\\377')" && mkfifo pipe && truncate -s 1M sparse && chmod 700 sub &&
  touch -d 2001-02-03T04:05:06Z bytes && echo gone > gone && rm gone`;
const LIST_TREE = `cd tree && find . | LC_ALL=C sort | while IFS= read -r p; do
  [ -e "$p" ] || [ -L "$p" ] || continue; LC_ALL=C stat -c '%N %A %s' "$p"; done
  stat -c '%Y %h' bytes run; od -An -c bytes | tr -d ' '`;

/** Snapshots and forks. */
export const SNAPSHOT_LAWS: readonly Law[] = [
  {
    promise:
      "A sandbox that starts from a snapshot has exactly its workspace: bytes, modes, links, deletions.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create({
        layers: [await layer("/workspace", { name: "gone", content: "x" })],
      });
      succeeded(await sh(sandbox, `rm gone; ${MAKE_TREE}`));
      await withSnapshot(provider, sandbox, async (snapshot) => {
        const copy = await create({ snapshot });
        assert.deepEqual(await listing(copy), await listing(sandbox));
      });
    },
  },
  {
    promise: "A snapshot keeps the moment: later changes are not in it.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create();
      await sh(sandbox, "echo then > file; echo then > gone");
      await withSnapshot(provider, sandbox, async (snapshot) => {
        await sh(sandbox, "echo now > file; rm gone; echo now > new");
        const copy = await create({ snapshot });
        assert.equal((await sh(copy, "cat file gone; ls")).out, "then\nthen\nfile\ngone\n");
        assert.equal((await sh(sandbox, "cat file new; ls")).out, "now\nnow\nfile\nnew\n");
      });
    },
  },
  {
    promise: "A snapshot waits for the command that runs.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create();
      const running = sh(sandbox, "echo half > file; sleep 0.3; echo whole > file");
      await withSnapshot(provider, sandbox, async (snapshot) => {
        await running;
        assert.equal((await sh(await create({ snapshot }), "cat file")).out, "whole\n");
      });
    },
  },
  {
    promise: "A snapshot stays when its sandbox goes, and serves more than once.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create();
      await sh(sandbox, "echo kept > file");
      await withSnapshot(provider, sandbox, async (snapshot) => {
        await sandbox.destroy();
        for (const copy of [await create({ snapshot }), await create({ snapshot })]) {
          assert.equal((await sh(copy, "cat file; echo changed > file")).out, "kept\n");
        }
      });
    },
  },
  {
    promise: "Another process's provider can start from a snapshot.",
    needs: "snapshot",
    async check({ create, provider, another, spec }) {
      const sandbox = await create();
      await sh(sandbox, "echo kept > file");
      await withSnapshot(provider, sandbox, async (snapshot) => {
        await using copy = await another.create(spec({ snapshot }));
        assert.equal((await sh(copy, "cat file")).out, "kept\n");
      });
    },
  },
  {
    promise: "Layers go over the snapshot that a sandbox starts from.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create();
      await sh(sandbox, "echo old > file; echo kept > kept");
      await withSnapshot(provider, sandbox, async (snapshot) => {
        const layers = [await layer("/workspace", { name: "file", content: "new\n" })];
        const copy = await create({ snapshot, layers });
        assert.equal((await sh(copy, "cat file kept")).out, "new\nkept\n");
      });
    },
  },
  {
    promise: "A deleted snapshot can't be started from, and deleting it again is no error.",
    needs: "snapshot",
    async check({ create, provider, spec }) {
      const snapshot = await (await create()).snapshot();
      await provider.deleteSnapshot(snapshot);
      await provider.deleteSnapshot(snapshot);
      await fails(provider.create(spec({ snapshot })), "invalid-request/no-such-snapshot");
    },
  },
  {
    promise: "Sandboxes that started from a snapshot outlive it.",
    needs: "snapshot",
    async check({ create, provider }) {
      const sandbox = await create();
      await sh(sandbox, "echo kept > file");
      const snapshot = await sandbox.snapshot();
      const copy = await create({ snapshot });
      await provider.deleteSnapshot(snapshot);
      assert.equal(
        (await sh(copy, "cat file; echo more >> file; cat file")).out,
        "kept\nkept\nmore\n",
      );
    },
  },
  {
    promise: "A fork has exactly the workspace of what it was forked from.",
    needs: "snapshot",
    async check({ create }) {
      const sandbox = await create({
        layers: [await layer("/workspace", { name: "gone", content: "x" })],
      });
      succeeded(await sh(sandbox, `rm gone; ${MAKE_TREE}`));
      await using fork = await sandbox.fork();
      assert.notEqual(fork.id, sandbox.id);
      assert.deepEqual(await listing(fork), await listing(sandbox));
    },
  },
  {
    promise: "A fork and its origin go their own ways, and either lives without the other.",
    needs: "snapshot",
    async check({ create }) {
      const sandbox = await create();
      await sh(sandbox, "echo both > file");
      await using fork = await sandbox.fork();
      await using second = await fork.fork();
      await sh(sandbox, "echo origin > file; echo x > mine");
      await sh(fork, "echo fork > file; rm -f mine");
      assert.equal((await sh(sandbox, "cat file; ls")).out, "origin\nfile\nmine\n");
      await sandbox.destroy();
      assert.equal((await sh(fork, "cat file; ls")).out, "fork\nfile\n");
      assert.equal((await sh(second, "cat file; ls")).out, "both\nfile\n");
    },
  },
  {
    promise: "A fork has the limits, the labels and the policy of its origin.",
    needs: "snapshot",
    async check({ create }) {
      const sandbox = await create({ labels: { law: "forked" } });
      await using fork = await sandbox.fork();
      assert.equal((await fork.info()).labels["law"], "forked");
      const size = "stat -f -c %b /workspace; ulimit -n";
      assert.equal((await sh(fork, size)).out, (await sh(sandbox, size)).out);
    },
  },
  {
    promise: "A snapshot or a fork of a paused sandbox resumes it.",
    needs: "snapshot",
    async check({ create, provider, capabilities }) {
      const sandbox = await create();
      await sh(sandbox, "echo kept > file");
      if (capabilities.pause) await sandbox.pause();
      await withSnapshot(provider, sandbox, async (snapshot) => {
        assert.equal((await sh(await create({ snapshot }), "cat file")).out, "kept\n");
      });
      if (capabilities.pause) await sandbox.pause();
      await using fork = await sandbox.fork();
      assert.equal((await sh(fork, "cat file")).out, "kept\n");
    },
  },
];

async function listing(sandbox: Sandbox): Promise<readonly string[]> {
  const result = await sh(sandbox, LIST_TREE);
  succeeded(result);
  return result.out.split("\n");
}

async function withSnapshot(
  provider: { deleteSnapshot(name: string): Promise<void> },
  sandbox: Sandbox,
  body: (snapshot: string) => Promise<void>,
): Promise<void> {
  const snapshot = await sandbox.snapshot();
  try {
    await body(snapshot);
  } finally {
    await provider.deleteSnapshot(snapshot);
  }
}
