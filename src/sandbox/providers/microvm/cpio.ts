/** One entry of an initial file system; folders come before what is in them. */
export type CpioEntry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly data: Uint8Array }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "device";
      readonly path: string;
      readonly device: readonly [number, number];
      readonly mode: 0o600 | 0o666;
    };

const MODES = { folder: 0o40755, file: 0o100755, link: 0o120777, device: 0o20000 } as const;

/** An archive in the "newc" format that Linux unpacks at its start; all belongs to root, nothing carries a time. */
export function packCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = entries.flatMap((entry, index) => {
    const device = entry.kind === "device" ? entry.device : ([0, 0] as const);
    const mode = MODES[entry.kind] | (entry.kind === "device" ? entry.mode : 0);
    return packEntry(entry.path, index + 1, mode, contentOf(entry), device);
  });
  return Buffer.concat([...parts, ...packEntry("TRAILER!!!", 0, 0, Buffer.alloc(0), [0, 0])]);
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.data;
  return entry.kind === "link" ? Buffer.from(entry.target) : Buffer.alloc(0);
}

function packEntry(
  path: string,
  inode: number,
  mode: number,
  content: Uint8Array,
  [major, minor]: readonly [number, number],
): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, device of the file, device it stands for, name's length, checksum
  const numbers = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length, 0];
  const hex = numbers.map((number) => number.toString(16).padStart(8, "0")).join("");
  const head = Buffer.concat([Buffer.from(`070701${hex}`), name]);
  return [head, padding(head.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
