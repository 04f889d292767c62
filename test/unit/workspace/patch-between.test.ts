import { describe, expect, it } from "vitest";
import type { TreeEntry } from "../../../src/workspace/patch.ts";
import { patchBetween } from "../../../src/workspace/patch-between.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const file = (path: string, blob: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
  ...{ path, blob, mode: "100644", bytes: 1 },
  ...more,
});

function mirror(base: readonly TreeEntry[], head: readonly TreeEntry[], blobs: object = {}) {
  const read: string[] = [];
  return {
    read,
    list: async (sha: string) => (sha === "base" ? base : head),
    readBlob: async (blob: string) => {
      read.push(blob);
      return bytes(Object.entries(blobs).find(([name]) => name === blob)?.[1] ?? blob);
    },
  };
}
const between = (...args: Parameters<typeof mirror>) =>
  patchBetween(mirror(...args), "base", "head");

describe("the patch between two commits", () => {
  it("holds what was written, deleted, linked or made executable, in order, and nothing else", async () => {
    const base = [file("b.js", "1"), file("gone.js", "2"), file("same.js", "3"), file("x.sh", "4")];
    const head = [
      file("x.sh", "4", { mode: "100755" }),
      file("a.js", "5"),
      file("b.js", "6"),
      file("link", "7", { mode: "120000" }),
      file("same.js", "3"),
    ];
    const { patch, unapplied } = await between(base, head);
    expect(patch).toEqual({
      baseSha: "base",
      changes: [
        { path: "a.js", kind: "write", mode: "100644", data: bytes("5") },
        { path: "b.js", kind: "write", mode: "100644", data: bytes("6") },
        { path: "gone.js", kind: "delete" },
        { path: "link", kind: "write", mode: "120000", data: bytes("7") },
        { path: "x.sh", kind: "write", mode: "100755", data: bytes("4") },
      ],
    });
    expect(unapplied).toEqual([]);
  });

  it("refuses no workflow, binary or setting, and names what can't be applied", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    const head = [
      file(".github/workflows/ci.yml", "1"),
      file(".npmrc", "2"),
      file("big.bin", "3", { bytes: 5 << 20 }),
      file("film.mp4", "4"),
      file("sub", "5", { mode: "160000", bytes: 0 }),
    ];
    const { patch, unapplied } = await between([], head, { 4: pointer });
    expect(patch.changes.map(({ path }) => path)).toEqual([
      ".github/workflows/ci.yml",
      ".npmrc",
      "film.mp4",
    ]);
    expect(unapplied).toEqual([
      { path: "big.bin", why: "is larger than 4 MiB" },
      { path: "film.mp4", why: expect.stringContaining("git LFS") },
      { path: "sub", why: expect.stringContaining("submodule") },
    ]);
  });

  it.each([
    ["files", Array.from({ length: 501 }, (_, index) => file(`f${index}`, "1"))],
    ["bytes", Array.from({ length: 5 }, (_, index) => file(`f${index}`, "1", { bytes: 4 << 20 }))],
  ])("of too many %s is refused before one is read", async (_what, head) => {
    const scene = mirror([], head);
    await expect(patchBetween(scene, "base", "head")).rejects.toMatchObject({
      kind: "limit-reached",
      code: "pull-request-too-large",
    });
    expect(scene.read).toEqual([]);
  });
});
