import { expect, test } from "vitest";
import type { HostFacts } from "../../../../../src/sandbox/providers/microvm/host.ts";
import type { MachinePlan } from "../../../../../src/sandbox/providers/microvm/machine.ts";
import { templateKey } from "../../../../../src/sandbox/providers/microvm/template.ts";

const FACTS: HostFacts = {
  qemuVersion: "7.2.22",
  processor: "some",
  bootId: "b",
  tscKhz: 2_000_000,
  kvm: { usable: false, why: "it is not there" },
};
const BOARD = {
  accelerator: "tcg",
  ramMiB: 700,
  memoryMiB: 512,
  tmpMiB: 32,
  cpus: 1,
  tscKhz: 2_000_000,
} as const;
const PLAN: MachinePlan = { board: BOARD, kernel: "k", initrd: "i", root: "r", blank: "w" };

test("equal machines on equal hosts share a template", () => {
  expect(templateKey({ ...PLAN }, { ...FACTS })).toBe(templateKey(PLAN, FACTS));
});

test.each<[string, MachinePlan, HostFacts]>([
  ["qemu", PLAN, { ...FACTS, qemuVersion: "7.2.23" }],
  ["the host's processor", PLAN, { ...FACTS, processor: "other" }],
  ["the host's boot", PLAN, { ...FACTS, bootId: "c" }],
  ["the kernel", { ...PLAN, kernel: "k2" }, FACTS],
  ["the guest", { ...PLAN, initrd: "i2" }, FACTS],
  ["the image", { ...PLAN, root: "r2" }, FACTS],
  ["the workspace's size", { ...PLAN, blank: "w2" }, FACTS],
  ["the memory", { ...PLAN, board: { ...BOARD, ramMiB: 701 } }, FACTS],
  ["the processors", { ...PLAN, board: { ...BOARD, cpus: 2 } }, FACTS],
  ["the accelerator", { ...PLAN, board: { ...BOARD, accelerator: "kvm" } }, FACTS],
])("another template for a change of %s", (_, plan, facts) => {
  expect(templateKey(plan, facts)).not.toBe(templateKey(PLAN, FACTS));
});
