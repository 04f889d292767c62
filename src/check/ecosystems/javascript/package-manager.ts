import { cleanLine } from "../../clean-text.ts";
import type { PackageManager } from "../../project.ts";
import { bringManager } from "./bring-manager.ts";
import { findManagerVersion } from "./manager-version.ts";

/** The fields of package.json that decide how a project is installed and tested. */
export type Manifest = {
  readonly packageManager?: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of all packages it asks for. */
  readonly dependencies: readonly string[];
  readonly workspaces: boolean;
};

/** Those that install what a package.json asks for. */
export type NodeManager = Extract<PackageManager, "npm" | "pnpm" | "yarn" | "bun">;

export type FoundManager = {
  readonly name: NodeManager;
  /** Exact or a range; of npm it is the image's own that counts. */
  readonly version: string;
  /** The file of the repository that is the manager; yarn alone has such. */
  readonly program?: string;
  readonly lock: string | undefined;
  readonly finding: string;
};

/** What a repository's files say beside package.json. */
export type ManagerSigns = {
  readonly paths: ReadonlySet<string>;
  /** First characters of the lock file. */
  readonly lock?: string | undefined;
  /** Of .yarnrc.yml, or .yarnrc of old. */
  readonly yarnSettings?: string | undefined;
  /** As the workflows of the repository's CI set it up. */
  readonly ci?: Readonly<Record<string, string>>;
};

const LOCKS: readonly (readonly [string, NodeManager])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["yarn.lock", "yarn"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
  // Not a lock file, but as clear a sign.
  ["pnpm-workspace.yaml", "pnpm"],
];
const KNOWN: readonly NodeManager[] = ["npm", "pnpm", "yarn", "bun"];

/** Which manager it is, and why: the `packageManager` field first, then the lock file, then npm. */
function findName(manifest: Manifest, paths: ReadonlySet<string>): [NodeManager, string] {
  const field = manifest.packageManager?.split("@")[0];
  const named = KNOWN.find((manager) => manager === field);
  if (named !== undefined) return [named, "as `packageManager` in package.json says"];
  const [file, manager = "npm"] = LOCKS.find(([path]) => paths.has(path)) ?? [];
  if (file !== undefined) return [manager, `because of ${file}`];
  return [
    "npm",
    field === undefined
      ? "because there is no lock file"
      : `because ${cleanLine(field, 40)} is not known`,
  ];
}

/** The lock file of the repository's manager; undefined without one. */
export function lockFileOf(manifest: Manifest, paths: ReadonlySet<string>): string | undefined {
  const [name] = findName(manifest, paths);
  return LOCKS.find(
    ([file, owner]) => owner === name && /lock|shrinkwrap/.test(file) && paths.has(file),
  )?.[0];
}

/** The package manager of a repository and its version. */
export function findManager(manifest: Manifest, signs: ManagerSigns): FoundManager {
  const { paths } = signs;
  const [name, why] = findName(manifest, paths);
  const lock = lockFileOf(manifest, paths);
  const program = name === "yarn" ? yarnProgram(signs) : undefined;
  const { range, because } = findManagerVersion(name, {
    field: manifest.packageManager,
    engines: manifest.engines,
    lock: signs.lock,
    ci: signs.ci?.[name],
  });
  if (program !== undefined) {
    const version = /yarn-(\d[\w.-]*?)\.c?js$/.exec(program)?.[1] ?? range;
    return { name, version, program, lock, finding: `yarn ${version}, which is ${program}.` };
  }
  const which = name === "npm" ? "npm, the image's own" : `${name} ${range}`;
  const source =
    name === "npm" || why.includes("packageManager") ? "" : ` (the version from ${because})`;
  return { name, version: range, lock, finding: `${which}, ${why}${source}.` };
}

/** Yarn that lies in the repository itself and is named in its settings. */
function yarnProgram({ paths, yarnSettings = "" }: ManagerSigns): string | undefined {
  const path = /^\s*(?:yarnPath:|yarn-path)\s+["']?(?:\.\/)?([\w.@/+-]+\.[cm]?js)["']?\s*$/m.exec(
    yarnSettings,
  )?.[1];
  return path !== undefined && paths.has(path) ? path : undefined;
}

/** Yarn of today and of old have little in common. */
export function isModernYarn({ name, version }: Pick<FoundManager, "name" | "version">): boolean {
  const major = /\d+/.exec(version)?.[0];
  return name === "yarn" && Number(major) >= 2;
}

/** Whether there is anything to install. */
export function asksForPackages(manager: FoundManager, manifest: Manifest): boolean {
  return manager.lock !== undefined || manifest.dependencies.length > 0 || manifest.workspaces;
}

/**
 * The command that installs what the lock file says, and writes none (but yarn's of today, which can't do without). The
 * manager itself is brought first where it isn't npm. Install scripts do run: native modules and generated code need
 * them, and the set-up phase holds no secret.
 */
export function installCommand(manager: FoundManager): string {
  const bring = bringManager(manager);
  return bring === undefined ? ownInstall(manager) : `${bring} && ${ownInstall(manager)}`;
}

/** With a lock file, and without one. */
const INSTALLS: Readonly<Record<NodeManager | "modern yarn", readonly [string, string]>> = {
  npm: ["npm ci --no-audit --no-fund", "npm install --no-audit --no-fund --no-package-lock"],
  pnpm: ["pnpm install --frozen-lockfile", "pnpm install --no-lockfile"],
  bun: ["bun install --frozen-lockfile", "bun install --no-save"],
  yarn: [
    "yarn install --non-interactive --frozen-lockfile",
    "yarn install --non-interactive --pure-lockfile",
  ],
  "modern yarn": ["yarn install --immutable", "yarn install --no-immutable"],
};

function ownInstall(manager: FoundManager): string {
  const [locked, free] = INSTALLS[isModernYarn(manager) ? "modern yarn" : manager.name];
  return manager.lock === undefined ? free : locked;
}
