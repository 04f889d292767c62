import { expect, test } from "vitest";
import { parseProcessor } from "../../../../../src/sandbox/providers/microvm/host.ts";
import { candidates } from "../../../../../src/sandbox/providers/microvm/microvm-provider.ts";
import { planDisk } from "../../../../../src/sandbox/providers/microvm/workspace-disk.ts";

test("the processor is read from the first one's lines", () => {
  const one =
    "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\ncpu MHz\t\t: 2596.138\nflags\t\t: fpu sse\n";
  const { model, khz } = parseProcessor(`${one}\nprocessor\t: 1\ncpu MHz\t\t: 1000.000\n`);
  expect(khz).toBe(2_596_138);
  expect(model).toContain("AMD EPYC");
  expect(model).toContain("fpu sse");
});

test("KVM comes first, and emulation only where it is allowed", () => {
  const usable = { kvm: { usable: true, group: 104 } } as const;
  const missing = { kvm: { usable: false, why: "there is no /dev/kvm" } } as const;
  expect(candidates(usable, true)).toEqual([
    { kind: "kvm", kvmGroup: 104 },
    { kind: "tcg", kvmGroup: undefined },
  ]);
  expect(candidates(missing, false)).toEqual([
    expect.stringContaining("there is no /dev/kvm"),
    expect.stringContaining("no boundary"),
  ]);
});

test.each([1, 16, 256, 4096, 100_000])(
  "a disk for %i MiB is larger by its tables only",
  (usableMiB) => {
    const { bytes, inodes, usableBytes } = planDisk(usableMiB);
    expect(usableBytes).toBe(usableMiB * 1024 ** 2);
    expect(bytes).toBeGreaterThan(usableBytes + inodes * 256);
    expect(bytes).toBeLessThan(usableBytes * 1.08 + 16 * 1024 ** 2);
  },
);
