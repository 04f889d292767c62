import type { ChangedFile, Finding } from "../gate.ts";

const ENTRY = /^exports\[`([\s\S]*?)`\] = `([\s\S]*?)`;$/gm;

/** A recorded snapshot is an assertion: changing one blocks unless the old one fits as well, adding one passes. */
export function snapshots(files: readonly ChangedFile[]): readonly Finding[] {
  return files.flatMap((file) => {
    if (!file.path.endsWith(".snap") || file.base.kind === "absent" || file.head.kind === "absent")
      return [];
    if (file.base.kind === "opaque" || file.head.kind === "opaque")
      return [found(file.path, "can't be read")];
    const head = entries(file.head.text);
    const lost = [...entries(file.base.text)].filter(([name, value]) => head.get(name) !== value);
    return lost.map(([name]) => found(file.path, `reads differently or is gone: ${name}`));
  });
}

function found(path: string, what: string): Finding {
  const detail = `A recorded snapshot ${what}`;
  return { gate: "snapshots-kept", result: "block", answeredByOldTests: true, detail, path };
}

function entries(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(ENTRY)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}
