import { expect, test } from "vitest";
import { openWorkspaces } from "../../src/sandbox/providers/docker/workspaces/workspaces.ts";
import { docker } from "./sandbox-fixture.ts";
import { canMount, heldBelow, useStateFolder } from "./state-folder.ts";

const folder = useStateFolder();

test.runIf(canMount)("where containers can't see mounts, trying leaves none", async () => {
  const opening = openWorkspaces({
    docker,
    folder: folder.path,
    labels: { purpose: "test" },
    imageDigest: `sha256:${"0".repeat(64)}`, // no container can be made of it
    choice: {
      runtime: "runc",
      isGvisor: false,
      isolation: "container",
      userNamespace: false,
      weak: true,
      outlivesStream: true,
      held: ["pids"],
      processors: 1,
    },
  });
  await expect(opening).rejects.toMatchObject({ code: "no-mounts" });
  expect(await heldBelow(folder.path)).toEqual([]);
});
