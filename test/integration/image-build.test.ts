import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";

const ANSWERS: readonly (readonly [RegExp, number, object])[] = [
  [/\/version/, 200, { Arch: "amd64" }],
  [/\/networks/, 200, [{ Name: "bridge" }]],
  [/\/images\/dunlin/, 404, { message: "No such image" }],
  [/\/images\//, 200, { Id: "sha256:base" }],
];

/** An engine that has every base and no image of ours, and whose builds end with this line. */
async function engine(lastLine: object): Promise<Docker> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  const server = createServer((request, response) => {
    const known = ANSWERS.find(([path]) => path.test(request.url ?? ""));
    const [, status, body] = known ?? [/build/, 200, lastLine];
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(`${JSON.stringify(body)}\n`);
    });
  });
  const socketPath = join(folder, "socket");
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return new Docker({ socketPath });
}

test.each([
  ["fails", { error: "no space left on device" }, "no space left on device"],
  ["says nothing and leaves no image", { stream: "done" }, "doesn't know the image"],
])("a build that %s is named, with the next step", async (_, lastLine, why) => {
  const built = ensureImage(await engine(lastLine), "node");
  await expect(built).rejects.toMatchObject({
    kind: "invalid-request",
    code: "image-cannot-be-built",
  });
  await expect(built).rejects.toThrow(why);
  await expect(built).rejects.toThrow("Change its folder in sandbox-images/");
});
