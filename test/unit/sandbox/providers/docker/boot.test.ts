import { expect, test } from "vitest";
import { type Booted, orRemove } from "../../../../../src/sandbox/providers/docker/boot.ts";

function fake() {
  const did: string[] = [];
  const parts = {
    connection: { close: () => did.push("closed") },
    machine: { remove: async () => void did.push("removed") },
  };
  return { booted: parts as unknown as Booted, did };
}

test("a container goes when what was to be done with it fails, its wire first", async () => {
  const { booted, did } = fake();
  const failing = orRemove(booted, () => Promise.reject(new Error("no space")));
  await expect(failing).rejects.toThrow("no space");
  expect(did).toEqual(["closed", "removed"]);
});

test("and stays when it succeeds", async () => {
  const { booted, did } = fake();
  expect(await orRemove(booted, async () => "ready")).toBe("ready");
  expect(did).toEqual([]);
});
