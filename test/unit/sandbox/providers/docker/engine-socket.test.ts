import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  dockerOptions,
  OWN_SOCKET,
  trySocket,
  usualSockets,
} from "../../../../../src/sandbox/providers/docker/engine-socket.ts";

test("the operator's choice is taken without a question", async () => {
  const options = await dockerOptions({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
  expect(options).toEqual({ socketPath: "/nowhere/docker.sock" });
});

test("Dunlin's own, stricter daemon comes before the system's", () => {
  const [first, second] = usualSockets({ HOME: "/home/ann", XDG_RUNTIME_DIR: "/run/user/7" });
  expect([first, second]).toEqual([OWN_SOCKET, "/var/run/docker.sock"]);
  expect(usualSockets({ HOME: "/h", XDG_RUNTIME_DIR: "/run/user/7" })).toContain(
    "/run/user/7/docker.sock",
  );
});

test("a socket that a dead daemon left behind doesn't count as an engine", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-socket-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "docker.sock");
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  expect(await trySocket(path)).toBe("answers");
  await new Promise((resolve) => server.close(resolve));
  expect(await trySocket(path)).toBe("nothing");
});
