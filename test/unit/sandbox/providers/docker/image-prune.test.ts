import { expect, test } from "vitest";
import { type Found, planPrune } from "../../../../../src/sandbox/providers/docker/image-prune.ts";

const OLD = "dunlin/node:00000000000000aa";
const OWN = "dunlin/node:00000000000000bb";
const BASE = "dunlin/base:00000000000000cc";
const keep = { current: new Set([OWN, "dunlin-guest-00000000000000bb"]), madeBeforeMs: 1_000 };
const image = (id: string, refs: readonly string[], createdAtMs = 0) => ({ id, refs, createdAtMs });
const container = (more: Partial<Found["containers"][number]>) => ({
  ...{ id: "c", names: ["c"], imageId: "none", isGuests: false, createdAtMs: 0, volumes: [] },
  ...more,
});

test("what other versions built long ago goes, a base after those that stand on it", () => {
  const images = [image("1", [BASE]), image("2", [OLD]), image("3", [OWN])];
  const { images: gone } = planPrune({ images, containers: [] }, keep);
  expect(gone).toEqual([OLD, BASE]);
});

test("what is young stays: another Dunlin may be about to use it", () => {
  const images = [image("2", [OLD], 1_000)];
  expect(planPrune({ images, containers: [] }, keep).images).toEqual([]);
});

test("what a container uses stays, one that has ended included", () => {
  const found = { images: [image("2", [OLD])], containers: [container({ imageId: "2" })] };
  expect(planPrune(found, keep).images).toEqual([]);
});

test("nobody else's image goes, whatever it is called", () => {
  const refs = ["debian:12", "ghcr.io/dunlin/node:00000000000000aa", "dunlin/node:latest"];
  const images = [image("2", refs), image("4", [])];
  expect(planPrune({ images, containers: [] }, keep).images).toEqual([]);
});

test("Podman's longer names are the same names", () => {
  const images = [image("2", [`docker.io/${OLD}`]), image("3", [`localhost/${OWN}`])];
  expect(planPrune({ images, containers: [] }, keep).images).toEqual([`docker.io/${OLD}`]);
});

test("an old guest's container goes, with its image, unless a sandbox has its folder", () => {
  const guest = container({ id: "g", isGuests: true, imageId: "2", volumes: ["v"] });
  const images = [image("2", [OLD])];
  expect(planPrune({ images, containers: [guest] }, keep)).toEqual({
    containers: ["g"],
    images: [OLD],
  });
  const sandbox = container({ id: "s", imageId: "9", volumes: ["v"] });
  expect(planPrune({ images, containers: [guest, sandbox] }, keep)).toEqual({
    containers: [],
    images: [],
  });
  const own = { ...guest, names: ["dunlin-guest-00000000000000bb"] };
  expect(planPrune({ images, containers: [own] }, keep).containers).toEqual([]);
  const young = { ...guest, createdAtMs: 1_000 };
  expect(planPrune({ images, containers: [young] }, keep).containers).toEqual([]);
});
