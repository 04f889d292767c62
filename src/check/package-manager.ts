import type { PackageManager } from "./project.ts";

/** The fields of package.json that decide how a project is installed and tested. */
export type Manifest = {
  readonly packageManager?: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of all packages it asks for. */
  readonly dependencies: readonly string[];
  readonly workspaces: boolean;
};

/** Those that install what a package.json asks for. */
export type NodeManager = Extract<PackageManager, "npm" | "pnpm" | "yarn">;

export type FoundManager = {
  readonly name: NodeManager;
  readonly lock: string | undefined;
  readonly finding: string;
};

const LOCKS: readonly (readonly [string, NodeManager])[] = [
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
];
const KNOWN: readonly NodeManager[] = ["npm", "pnpm", "yarn"];

/** The `packageManager` field first, then the lock file, then npm. */
export function findManager(manifest: Manifest, paths: ReadonlySet<string>): FoundManager {
  const lock = LOCKS.find(([file]) => paths.has(file));
  const field = manifest.packageManager?.split("@")[0];
  const named = KNOWN.find((manager) => manager === field);
  if (named !== undefined) {
    const own = LOCKS.find(([file, manager]) => manager === named && paths.has(file));
    return {
      name: named,
      lock: own?.[0],
      finding: `${named}, as package.json says in \`packageManager\`.`,
    };
  }
  if (lock !== undefined) {
    return { name: lock[1], lock: lock[0], finding: `${lock[1]}, because of ${lock[0]}.` };
  }
  const other = field ?? [...paths].find((path) => /^bun\.lockb?$/.test(path))?.slice(0, 3);
  const instead = other === undefined ? "there is no lock file" : `${other} is not supported`;
  return { name: "npm", lock: undefined, finding: `npm, because ${instead}.` };
}

function isModernYarn(manifest: Manifest, paths: ReadonlySet<string>): boolean {
  const version = /^yarn@(\d+)/.exec(manifest.packageManager ?? "")?.[1];
  return version === undefined ? paths.has(".yarnrc.yml") : Number(version) >= 2;
}

/** Whether there is anything to install. */
export function asksForPackages(manager: FoundManager, manifest: Manifest): boolean {
  return manager.lock !== undefined || manifest.dependencies.length > 0 || manifest.workspaces;
}

/**
 * The command that installs what the lock file says, and writes none (but yarn's of today, which can't do without).
 * Install scripts do run: native modules and generated code need them, and the set-up phase holds no secret.
 */
export function installCommand(
  manager: FoundManager,
  manifest: Manifest,
  paths: ReadonlySet<string>,
): string {
  const locked = manager.lock !== undefined;
  switch (manager.name) {
    case "npm":
      return locked
        ? "npm ci --no-audit --no-fund"
        : "npm install --no-audit --no-fund --no-package-lock";
    case "pnpm":
      return locked ? "pnpm install --frozen-lockfile" : "pnpm install --no-lockfile";
    case "yarn":
      if (isModernYarn(manifest, paths)) return `yarn install --${locked ? "" : "no-"}immutable`;
      return `yarn install --non-interactive ${locked ? "--frozen-lockfile" : "--pure-lockfile"}`;
  }
}
