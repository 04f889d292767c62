import { expect, it } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { destroyLeftBehind } from "../../../src/sandbox/left-behind.ts";
import type { SandboxInfo } from "../../../src/sandbox/sandbox.ts";

const info = (id: string, process: string): SandboxInfo => ({
  id,
  labels: { owner: "me", process },
  state: "running",
  createdAtMs: 0,
  expiresAtMs: 1,
});

function provider(sandboxes: readonly SandboxInfo[]) {
  const asked: unknown[] = [];
  const destroyed: string[] = [];
  return {
    asked,
    destroyed,
    list: async (labels: Readonly<Record<string, string>>) => {
      asked.push(labels);
      return sandboxes;
    },
    destroy: async (id: string) => {
      destroyed.push(id);
      return "destroyed" as const;
    },
  };
}

it("destroys what has the labels and is left behind, nothing else", async () => {
  const docker = provider([info("old", "dead"), info("new", "alive")]);
  const isLeft = ({ labels }: SandboxInfo) => labels["process"] !== "alive";
  expect(await destroyLeftBehind(docker, { owner: "me" }, isLeft)).toBe(1);
  expect(docker.asked).toEqual([{ owner: "me" }]);
  expect(docker.destroyed).toEqual(["old"]);
});

it("says when it can't know", async () => {
  const down = new Failure("unavailable", "engine-down", "No engine answers.");
  const docker = { ...provider([]), list: () => Promise.reject(down) };
  await expect(destroyLeftBehind(docker, {}, () => true)).rejects.toBe(down);
});
