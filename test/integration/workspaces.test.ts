import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { namesIn } from "../../src/sandbox/providers/docker/workspaces/records.ts";
import type { Layer, Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";
import { canMount, useStateFolder } from "./state-folder.ts";

const LISTING = `cd /workspace && find . -printf '%P|%y|%m|%u|%g|%l|%T@|%n|' \\( -type f -printf '%s' -o -true \\) -print0 |
  sort -z | tr '\\0' '\\n'; find . -type f -print0 | sort -z | xargs -0 sha256sum`;

/** Everything that an archive of an install may hold. */
async function exampleTar(): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date(1_700_000_000_000);
  archive.entry({ name: "bin/", type: "directory", mode: 0o750, mtime });
  archive.entry({ name: "bin/run", mode: 0o755, mtime }, "#!/bin/sh\n");
  archive.entry({ name: "bin/secret", mode: 0o400, mtime }, "mine\n");
  archive.entry({ name: "bin/twin", type: "link", linkname: "bin/run", mode: 0o755, mtime });
  archive.entry({ name: "link", type: "symlink", linkname: "../../etc/passwd", mtime });
  archive.entry({ name: "with\nline", mode: 0o644, mtime }, "x");
  archive.entry({ name: `deep/${"long/".repeat(40)}file`, mode: 0o644, mtime }, "deep\n");
  archive.entry({ name: "empty", mode: 0o666, mtime }, "");
  archive.finalize();
  return buffer(Readable.from(archive));
}

function layerOf(tar: Buffer, more: Partial<Layer> = {}): Layer & { opened: number } {
  const layer = {
    digest: `sha256:${createHash("sha256").update(tar).digest("hex")}`,
    into: "/workspace",
    opened: 0,
    async *open() {
      layer.opened++;
      yield tar;
    },
    ...more,
  };
  return layer;
}

describeEachRuntime("a workspace that is mounted", (runtime) => {
  const state = useStateFolder();
  const mounted = () => providerFor(runtime, { stateFolder: state.path });
  const spec = (layers: readonly Layer[], more: Partial<SandboxSpec> = {}): SandboxSpec => ({
    ...SPEC,
    require: { snapshot: true },
    layers,
    ...more,
  });
  /** All files with mode, owner, target, time, links and content; a folder's time is when it was last written to. */
  const listed = async (sandbox: Sandbox) =>
    (await sh(sandbox, LISTING)).out.replaceAll(/(\|d\|.*?)\d+\.\d+\|\d+\|/g, "$1");

  test.runIf(canMount)("has exactly what unpacking the same layer gives", async () => {
    const layer = layerOf(await exampleTar());
    await using plain = await providerFor(runtime).create({ ...SPEC, layers: [layer] });
    await using sandbox = await mounted().create(spec([layer]));
    const seen = await listed(sandbox);
    expect(seen).toBe(await listed(plain));
    expect(seen).toContain("bin/secret|f|400|job|job|");
    expect(seen).toContain("bin/twin|f|755|job|job||1700000000.0000000000|2|");
    expect(seen).toContain("|l|777|job|job|../../etc/passwd|");
  });

  test.runIf(canMount)(
    "is unpacked once, also for two at once, and nobody writes to it",
    async () => {
      const provider = mounted();
      const layer = layerOf(await exampleTar(), { scope: "once" });
      await using first = await provider.create(spec([layer]));
      const before = await listed(first);
      const [second, third] = await Promise.all([
        provider.create(spec([layer])),
        provider.create(spec([layer])),
      ]);
      await sh(second, "rm -rf bin; echo changed > empty; ln -sfn elsewhere link; echo 2 > new");
      const upper = await sh(second, "ls -a; cat empty new");
      expect(upper.out).toBe(".\n..\ndeep\nempty\nlink\nnew\nwith\nline\nchanged\n2\n");
      expect(await listed(first)).toBe(before);
      expect(await listed(third)).toBe(before);
      await Promise.all([second.destroy(), third.destroy()]);
      await using last = await provider.create(spec([layer]));
      expect(await listed(last)).toBe(before);
      expect(layer.opened).toBe(1);
    },
  );

  test.runIf(canMount)("of several layers shows the later one where both have a file", async () => {
    const archive = pack();
    archive.entry({ name: "bin/run", mode: 0o600 }, "later\n");
    archive.entry({ name: "deep/more", mode: 0o644 }, "more\n");
    archive.finalize();
    const later = layerOf(await buffer(Readable.from(archive)));
    const program = layerOf(Buffer.from("by a program\n"), {
      digest: `sha256:${"7".repeat(64)}`,
      into: "/workspace/made/here",
      unpack: ["sh", "-c", 'cat > "$1"; umask', "sh", "file"],
    });
    const layers = [layerOf(await exampleTar()), later, program];
    await using plain = await providerFor(runtime).create({ ...SPEC, layers });
    await using sandbox = await mounted().create(spec(layers));
    for (const one of [plain, sandbox]) {
      const seen = await sh(one, "cat bin/run deep/more made/here/file; stat -c %a bin/run");
      expect(seen.out).toBe("later\nmore\nby a program\n600\n");
    }
  });

  test.runIf(canMount)("never shares a copy between scopes", async () => {
    const provider = mounted();
    const tar = await exampleTar();
    const layers = ["a", "b"].map((scope) => layerOf(tar, { scope }));
    for (const layer of layers) await (await provider.create(spec([layer]))).destroy();
    expect(layers.map(({ opened }) => opened)).toEqual([1, 1]);
  });

  test.runIf(canMount)("is unpacked again when its copy is not what was written", async () => {
    const layer = layerOf(await exampleTar(), { scope: "damaged" });
    const before = new Set(await namesIn(join(state.path, "layers")));
    const provider = mounted();
    await using first = await provider.create(spec([layer]));
    const seen = await listed(first);
    await first.destroy();
    const [key = ""] = (await namesIn(join(state.path, "layers"))).filter((n) => !before.has(n));
    {
      await using image = await open(join(state.path, "layers", key, "image"), "r+");
      await image.write(Buffer.from("evil"), 0, 4, 2_000_000);
    }
    for (const again of [provider, mounted()]) {
      await using sandbox = await again.create(spec([layer]));
      expect(await listed(sandbox)).toBe(seen);
    }
    expect(layer.opened).toBe(2);
  });

  test.runIf(canMount)("doesn't begin with a layer that isn't what it is called", async () => {
    const provider = mounted();
    const wrong = layerOf(await exampleTar(), { digest: `sha256:${"0".repeat(64)}` });
    await expect(provider.create(spec([wrong]))).rejects.toMatchObject({ code: "layer-corrupt" });
    const broken = layerOf(Buffer.from("this is no archive"));
    await expect(provider.create(spec([broken]))).rejects.toMatchObject({
      code: "layer-not-unpacked",
    });
    const missing = layerOf(await exampleTar(), {
      scope: "missing",
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      async *open() {
        throw new Error("the store is away");
      },
    });
    await expect(provider.create(spec([missing]))).rejects.toThrow("the store is away");
    const left = [
      ...(await readdir(join(state.path, "layers"))),
      ...(await readdir(join(state.path, "mounts"))),
    ];
    expect(left.filter((name) => name.startsWith("new-"))).toEqual([]);
  });

  test.runIf(canMount)("holds its limits of bytes and of files, and takes no memory", async () => {
    const limits = { ...SPEC.limits, memoryMiB: 96, workspaceMiB: 400 };
    await using sandbox = await mounted().create(spec([], { limits }));
    const fill = await sh(sandbox, "head -c 350M /dev/zero > a && head -c 350M /dev/zero > b");
    expect(fill).toMatchObject({ end: "exit", exitCode: 1 });
    expect(fill.err).toContain("No space left on device");
    const used = await sh(sandbox, "du -sk /workspace | cut -f1; rm a b");
    expect(Number(used.out) / 1024).toBeGreaterThan(390);
    expect(Number(used.out) / 1024).toBeLessThan(410);
    const small = { ...SPEC.limits, workspaceMiB: 16 };
    await using crowded = await mounted().create(spec([], { limits: small }));
    const files = await sh(
      crowded,
      "seq 6000 | xargs -n 500 touch; ls | wc -l; rm 1 && echo x > y",
    );
    expect(files.err).toContain("No space left on device");
    expect(Number(files.out)).toBeGreaterThan(4000);
    expect(Number(files.out)).toBeLessThanOrEqual(4096);
  });

  test.runIf(canMount)("that nothing keeps is gone from the disk with its sandbox", async () => {
    await using sandbox = await mounted().create(spec([]));
    expect(await namesIn(join(state.path, "volumes"))).not.toEqual([]);
    await sandbox.destroy();
    expect(await namesIn(join(state.path, "volumes"))).toEqual([]);
    expect(await namesIn(join(state.path, "mounts"))).toEqual([]);
    expect(existsSync(join(state.path, "layers"))).toBe(true);
  });
});
