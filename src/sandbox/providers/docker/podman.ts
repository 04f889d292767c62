import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";

/**
 * Why the engine can't be used, when it is Podman that speaks Docker's API. Podman 4 attaches and limits as Docker
 * does, but refuses an owner, a mode and a number of files for a folder in memory, so that commands could write nowhere.
 */
export async function podmanFailure(docker: Docker): Promise<Failure | undefined> {
  const { Components = [] }: { Components?: readonly { Name: string; Version: string }[] } =
    await withinMs(ENGINE_TIMEOUT_MS, docker.version());
  const podman = Components.find(({ Name }) => Name === "Podman Engine");
  if (podman === undefined) return undefined;
  return new Failure(
    "invalid-request",
    "podman",
    `Podman ${podman.Version} answers where a Docker engine should, and it can't give commands a folder in memory of their own. Point DOCKER_HOST at Docker.`,
  );
}
