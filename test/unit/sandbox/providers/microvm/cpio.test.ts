import { expect, test } from "vitest";
import { packCpio } from "../../../../../src/sandbox/providers/microvm/cpio.ts";

/** Reads the archive as the kernel does (its Documentation/driver-api/early-userspace/buffer-format.rst). */
function unpack(
  archive: Uint8Array,
): { path: string; mode: number; data: string; device: number[] }[] {
  const bytes = Buffer.from(archive);
  const entries = [];
  let at = 0;
  for (;;) {
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    const field = (index: number) =>
      Number.parseInt(bytes.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameEnd = at + 110 + field(11);
    const path = bytes.toString("utf8", at + 110, nameEnd - 1);
    if (path === "TRAILER!!!") return entries;
    const start = Math.ceil(nameEnd / 4) * 4;
    const data = bytes.toString("utf8", start, start + field(6));
    entries.push({ path, mode: field(1), data, device: [field(9), field(10)] });
    at = Math.ceil((start + field(6)) / 4) * 4;
  }
}

test("folders, files, links and devices come out as they went in", () => {
  const archive = packCpio([
    { kind: "folder", path: "bin" },
    { kind: "file", path: "bin/näme", data: Buffer.from("five!") },
    { kind: "file", path: "empty", data: Buffer.alloc(0) },
    { kind: "link", path: "bin/sh", target: "busybox" },
    { kind: "device", path: "console", device: [5, 1], mode: 0o600 },
    { kind: "device", path: "null", device: [1, 3], mode: 0o666 },
  ]);
  expect(unpack(archive)).toEqual([
    { path: "bin", mode: 0o40755, data: "", device: [0, 0] },
    { path: "bin/näme", mode: 0o100755, data: "five!", device: [0, 0] },
    { path: "empty", mode: 0o100755, data: "", device: [0, 0] },
    { path: "bin/sh", mode: 0o120777, data: "busybox", device: [0, 0] },
    { path: "console", mode: 0o20600, data: "", device: [5, 1] },
    { path: "null", mode: 0o20666, data: "", device: [1, 3] },
  ]);
});

test("equal entries make equal bytes", () => {
  const entries = [{ kind: "file", path: "a", data: Buffer.from("x") }] as const;
  expect(packCpio(entries)).toEqual(packCpio(entries));
});
