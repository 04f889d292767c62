import { expect, test } from "vitest";
import {
  type Capabilities,
  meetRequirements,
  unmetRequirements,
} from "../../../src/sandbox/capabilities.ts";

const weakest: Capabilities = {
  isolation: "process",
  emulated: true,
  pause: false,
  snapshot: false,
  reconnect: false,
  limits: ["memoryMiB"],
};

test("each requirement that isn't met is named", () => {
  const wanted = {
    isolation: ["gvisor", "microvm"],
    native: true,
    pause: true,
    snapshot: true,
    reconnect: true,
    limits: ["memoryMiB", "pids"],
  } as const;
  expect(unmetRequirements(weakest, wanted)).toEqual([
    "The isolation is process instead of gvisor or microvm.",
    "The processor is emulated.",
    "There is no pause.",
    "There is no snapshot.",
    "There is no reconnect.",
    "Nothing holds the limit pids.",
  ]);
});

test("what is met or not asked for is no problem", () => {
  const able = { ...weakest, pause: true, snapshot: true, reconnect: true, emulated: false };
  const wanted = { isolation: ["process"], native: true, pause: true, snapshot: true } as const;
  expect(unmetRequirements(able, { ...wanted, reconnect: true, limits: ["memoryMiB"] })).toEqual(
    [],
  );
  expect(() => meetRequirements("any", weakest, undefined)).not.toThrow();
});

test("a refusal names the provider and what to do", () => {
  expect(() => meetRequirements("bubblewrap", weakest, { pause: true })).toThrow(
    "The provider bubblewrap can't make such a sandbox on this machine. There is no pause. Ask for less, or choose another provider or runtime.",
  );
});
