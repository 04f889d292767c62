import { describe, expect, it } from "vitest";
import { prepare } from "../../../src/run/prepare.ts";
import { openTestRun } from "../../fakes/open-run.ts";

type Scene = Awaited<ReturnType<typeof openTestRun>>;

describe("before anything is fetched", () => {
  it("the branch and the repository's settings are read", async () => {
    const { run, host } = await openTestRun();
    host.repositoryInfo = { ...host.repositoryInfo, defaultBranch: "trunk" };
    host.files.set(".github/dunlin.yml", "test: npm run unit\n");
    expect(await prepare(run)).toEqual({
      baseBranch: "trunk",
      settings: { image: "node", test: "npm run unit" },
    });
  });

  it.each<[string, (scene: Scene) => void, string, string, RegExp]>([
    [
      "an archived repository",
      ({ host }) => {
        host.repositoryInfo = { ...host.repositoryInfo, archived: true };
      },
      "invalid-request",
      "archived",
      /Unarchive/,
    ],
    [
      "an empty repository",
      ({ host }) => {
        host.repositoryInfo = { ...host.repositoryInfo, empty: true };
      },
      "invalid-request",
      "empty",
      /Push/,
    ],
    [
      "settings that are not valid",
      ({ host }) => host.files.set(".github/dunlin.yml", "memory: 64g\n"),
      "invalid-request",
      "repository-settings",
      /Correct it on the default branch/,
    ],
    [
      "a machine without a fit sandbox",
      ({ sandboxes }) => {
        sandboxes.problems = ["runc: not used, because a container's root would be the host's."];
      },
      "unavailable",
      "no-sandbox",
      /\n- runc: not used/,
    ],
  ])("%s ends the run with the next step", async (_, spoil, kind, code, message) => {
    const scene = await openTestRun();
    spoil(scene);
    const failed = prepare(scene.run);
    await expect(failed).rejects.toMatchObject({ kind, code });
    await expect(failed).rejects.toThrow(message);
    expect(scene.sandboxes.made).toEqual([]);
  });
});
