import { Readable } from "node:stream";
import { pack as createPack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";
import { findBase, followProgress } from "../../src/sandbox/providers/docker/image-base.ts";
import { planImage, publishedBase } from "../../src/sandbox/providers/docker/image-build.ts";
import { describeEachRuntime, docker, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const made = new Set<string>();
afterAll(async () => {
  for (const ref of made) await docker.getImage(ref).remove({ force: true });
});

/** An image of these few files; no program of it ever runs. */
async function importImage(
  name: string,
  files: readonly string[],
  changes: readonly string[] = [],
): Promise<string> {
  const pack = createPack();
  for (const file of files) pack.entry({ name: file, mode: 0o755 }, "");
  pack.finalize();
  const [repo, tag] = [`dunlin-test/${name}`, `${process.pid}`];
  const stream = await docker.importImage(Readable.from(pack), { repo, tag, changes });
  await followProgress(stream, () => {});
  made.add(`${repo}:${tag}`);
  return `${repo}:${tag}`;
}

const SHELL = ["bin/sh", "lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"];

test.each([
  ["musl", ["bin/sh", "lib/ld-musl-x86_64.so.1"], [], "its C library is musl"],
  ["no-shell", SHELL.slice(1), [], "it has no shell (/bin/sh)"],
  ["no-libc", ["bin/sh"], [], "it has no glibc"],
  ["volumes", SHELL, ["VOLUME /data"], "it declares volumes (/data)"],
])("a foreign image with %s is refused with that reason", async (name, files, changes, why) => {
  const ref = await importImage(name, files, changes);
  const found = ensureImage(docker, ref);
  await expect(found).rejects.toMatchObject({ kind: "invalid-request", code: "image-unfit" });
  await expect(found).rejects.toThrow(`The image ${ref} can't be used for sandboxes: ${why}`);
});

test("a foreign image that is nowhere is named", async () => {
  const found = ensureImage(docker, "127.0.0.1:1/nobody/nothing:1");
  await expect(found).rejects.toMatchObject({ kind: "invalid-request", code: "no-such-image" });
});

describeEachRuntime("a foreign image with glibc", (runtime) => {
  let ref: string;
  beforeAll(async () => {
    // The base of our own images has no guest, no user and no workspace, like an image from anywhere.
    const base = await findBase(docker, publishedBase(await planImage(docker, "plain")), [], {});
    const container = await docker.createContainer({ Image: base.ref, Cmd: ["true"] });
    const [repo, tag] = [`dunlin-test/foreign-${runtime}`, `${process.pid}`];
    ref = `${repo}:${tag}`;
    made.add(ref);
    const changes =
      "ENV PATH=/tools:/usr/bin:/bin NODE_OPTIONS=--nonsense TOOLS=here HOME=/root\nUSER 7";
    await container.commit({ repo, tag, changes });
    await container.remove({ force: true });
  }, 600_000);

  test("runs jobs with its own environment, and the guest by a mount that nobody can write", async () => {
    await using sandbox = await providerFor(runtime).create({ ...SPEC, image: ref });
    expect(sandbox.isolation.imageDigest).toBe((await docker.getImage(ref).inspect()).Id);
    const script = `id -u; pwd; echo $PATH $TOOLS $NODE_OPTIONS $HOME; echo x > made && cat made
      touch /opt/dunlin/x /opt/dunlin/sandbox/x 2>/dev/null || echo closed; ls /opt/dunlin`;
    expect((await sh(sandbox, script)).out.split("\n")).toEqual([
      "1000",
      "/workspace",
      "/tools:/usr/bin:/bin here --nonsense /home/job",
      "x",
      "closed",
      "node",
      "sandbox",
      "",
    ]);
    await sandbox.writeFiles([{ path: "/workspace/a/b", data: new TextEncoder().encode("b") }]);
    const read = await sandbox.readFile("/workspace/a/b", { maxBytes: 10 });
    expect(new TextDecoder().decode(read)).toBe("b");
  });

  test("needs the guest's volume once, also when two ask at the same time", async () => {
    const [one, two] = await Promise.all([ensureImage(docker, ref), ensureImage(docker, ref)]);
    expect(one.foreign?.guestFrom).toBe(two.foreign?.guestFrom);
    const holder = await docker.getContainer(one.foreign?.guestFrom ?? "").inspect();
    expect(holder.State).toMatchObject({ Status: "exited", ExitCode: 0 });
  });
});
