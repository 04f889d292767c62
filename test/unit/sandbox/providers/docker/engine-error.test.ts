import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createDockerProvider } from "../../../../../src/sandbox/providers/docker/docker-provider.ts";
import { withinMs } from "../../../../../src/sandbox/providers/docker/engine-error.ts";
import { fakeLog } from "../../../../fakes/log.ts";

const down = {
  kind: "unavailable",
  code: "engine-down",
  message: expect.stringContaining("Start Docker, or set DOCKER_HOST"),
};
const provider = (socket: string) =>
  createDockerProvider({
    env: { DOCKER_HOST: `unix://${socket}` },
    log: fakeLog(),
    weakAllowed: true,
  });

it("names an engine that isn't there, with what to do", async () => {
  await expect(provider("/nowhere/docker.sock").probe()).rejects.toMatchObject(down);
  await expect(provider("/nowhere/docker.sock").list({})).rejects.toMatchObject(down);
});

it("waits for no answer without end", async () => {
  await expect(withinMs(5, new Promise(() => {}))).rejects.toMatchObject(down);
});

it("tells an engine that fails from one that is gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  const server = createServer((_request, response) =>
    response.writeHead(500, { "content-type": "application/json" }).end('{"message": "no space"}'),
  );
  await new Promise<void>((resolve) => server.listen(join(folder, "s"), resolve));
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  await expect(provider(join(folder, "s")).list({})).rejects.toMatchObject({
    kind: "unavailable",
    code: "engine-error",
    message: expect.stringContaining("no space"),
  });
});
