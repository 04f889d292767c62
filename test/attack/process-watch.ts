import { readdirSync, readFileSync } from "node:fs";

export type ProcessWatch = Disposable & {
  /** Names of the programs that ran below the watched process, with one command line each. */
  readonly seen: ReadonlyMap<string, string>;
};

/** Looks many times a second at all descendants of a process, also those whose parent has ended since. */
export function watchDescendants(root: number): ProcessWatch {
  const seen = new Map<string, string>();
  const family = new Set([root]);
  const look = () => {
    for (const { pid, parent } of processes()) {
      if (!family.has(parent) || family.has(pid)) continue;
      family.add(pid);
      const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      const name = command.split(" ")[0]?.split("/").at(-1) ?? "";
      if (!seen.has(name)) seen.set(name, command.slice(0, 300));
    }
  };
  const timer = setInterval(look, 25);
  return { seen, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Parents first, as a child's number is nearly always the larger one. */
function processes(): readonly { readonly pid: number; readonly parent: number }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b)
    .map((pid) => ({ pid, parent: Number(/\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1]) }));
}

/** Empty for a process that is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
