import Docker from "dockerode";
import { expect, test } from "vitest";
import { podmanFailure } from "../../../../../src/sandbox/providers/docker/podman.ts";

function engine(components: readonly { Name: string; Version: string }[] | undefined): Docker {
  const docker = new Docker({ socketPath: "/nowhere" });
  const version = { Components: components };
  docker.version = async () => version as Awaited<ReturnType<Docker["version"]>>;
  return docker;
}

test("Podman behind Docker's API is named, and Docker is not taken for it", async () => {
  const podman = engine([{ Name: "Podman Engine", Version: "4.3.1" }]);
  expect(await podmanFailure(podman)).toMatchObject({
    kind: "invalid-request",
    code: "podman",
    message: expect.stringContaining("Podman 4.3.1"),
  });
  const docker = [
    { Name: "Engine", Version: "20.10.24" },
    { Name: "runc", Version: "1.1.5" },
  ];
  expect(await podmanFailure(engine(docker))).toBeUndefined();
  expect(await podmanFailure(engine(undefined))).toBeUndefined();
});
