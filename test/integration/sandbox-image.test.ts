import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { beforeAll, expect, test } from "vitest";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { ensureImage, GUEST_ARGV, type Image } from "../../src/sandbox/providers/docker/image.ts";

const docker = new Docker(await dockerOptions(process.env));
let image: Image;
beforeAll(async () => {
  image = await ensureImage(docker, "node");
}, 300_000);

/** What a command prints in a container without a network; the container is removed. */
async function runInImage(argv: readonly string[], user = "1000:1000"): Promise<string> {
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  await docker.run(image.ref, [...argv], output, {
    User: user,
    Tty: true,
    Labels: { "dunlin.test": "sandbox-image" },
    HostConfig: { NetworkMode: "none", ReadonlyRootfs: true, AutoRemove: true },
  });
  return Buffer.concat(chunks).toString().trim();
}

test("a second call builds nothing and gives the same image", async () => {
  const steps: string[] = [];
  const again = await ensureImage(docker, "node", { onProgress: (line) => steps.push(line) });
  expect(again).toEqual(image);
  expect(steps).toEqual([]);
  expect(again.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("the job's user has Node 24, npm, git, a home and a workspace of its own", async () => {
  const script =
    "id -un; node --version; npm --version; git --version; echo $HOME; stat -c %U $PWD";
  const lines = (await runInImage(["sh", "-c", script])).split(/\r?\n/);
  expect(lines).toEqual([
    "job",
    expect.stringMatching(/^v24\./),
    expect.stringMatching(/^11\./),
    expect.stringMatching(/^git version 2\./),
    "/home/job",
    "job",
  ]);
});

test("the guest's Node and program are there, off the path, and no job can change them", async () => {
  const [node = "", program = ""] = GUEST_ARGV;
  const script = `echo $PATH; ${node} --check ${program} && echo sound; find /opt/dunlin /usr/local -writable -not -type l`;
  const lines = (await runInImage(["sh", "-c", script])).split(/\r?\n/);
  expect(lines).toEqual(["/usr/local/bin:/usr/bin:/bin", "sound"]);
});
