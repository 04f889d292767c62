import { createConnection } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";

/** Where the daemon that Dunlin's own set-up starts listens. */
export const OWN_SOCKET = "/run/dunlin/docker.sock";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How to reach the container engine: `DOCKER_HOST` when it is set, else the first usual socket where something
 * answers, Dunlin's own daemon before the system's because it is set up more strictly. When none answers, the usual
 * address, so that the first request says what is wrong.
 */
export async function dockerOptions(env: Environment): Promise<Docker.DockerOptions> {
  const host = env["DOCKER_HOST"];
  if (host?.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  // The client library reads every other form, and the TLS variables that go with it, by itself.
  if (host) return {};
  return { socketPath: (await answeringSocket(env)) ?? "/var/run/docker.sock" };
}

/** The first of the usual sockets where a daemon accepts a connection. */
export async function answeringSocket(env: Environment): Promise<string | undefined> {
  for (const path of usualSockets(env)) {
    if ((await trySocket(path)) === "answers") return path;
  }
  return undefined;
}

/** In the order in which they are tried. */
export function usualSockets(env: Environment): readonly string[] {
  const home = env["HOME"] ?? homedir();
  const runtime = env["XDG_RUNTIME_DIR"];
  const own =
    runtime === undefined
      ? []
      : [join(runtime, "docker.sock"), join(runtime, "podman/podman.sock")];
  return [OWN_SOCKET, "/var/run/docker.sock", join(home, ".docker/run/docker.sock"), ...own];
}

/** `denied` when something may listen there but this user must not talk to it. */
export function trySocket(path: string): Promise<"answers" | "denied" | "nothing"> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("answers");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EACCES" || error.code === "EPERM" ? "denied" : "nothing");
    });
  });
}
