import { z } from "zod";
import { Failure } from "../../../errors.ts";
import type { Manifest } from "./package-manager.ts";

const Names = z.record(z.string(), z.unknown()).catch({});
const Texts = z.record(z.string(), z.string().catch("")).catch({});
const Wanted = z.object({ name: z.string(), version: z.string() }).optional().catch(undefined);
const PackageJson = z.object({
  name: z.string().catch(""),
  packageManager: z.string().optional().catch(undefined),
  devEngines: z.object({ packageManager: Wanted }).optional().catch(undefined),
  engines: Texts,
  volta: Texts,
  main: z.unknown().optional(),
  module: z.unknown().optional(),
  exports: z.unknown().optional(),
  bin: z.unknown().optional(),
  scripts: Texts,
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
  workspaces: z.unknown().optional(),
});

/** A manifest with what only this folder asks of it. */
export type WholeManifest = Manifest & {
  readonly volta: Readonly<Record<string, string>>;
  /** What it gives to others: files, relative to the workspace. */
  readonly entries: readonly string[];
  readonly patterns: unknown;
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "bad-package-json",
      "package.json is not valid JSON, so nothing can be installed or tested. Correct it on the default branch.",
      { cause },
    );
  }
}

/** Throws `invalid-request/bad-package-json`. */
export function parseManifest(text: string): WholeManifest {
  const parsed = PackageJson.safeParse(parseJson(text)).data;
  if (parsed === undefined) {
    throw new Failure(
      "invalid-request",
      "bad-package-json",
      "package.json does not hold an object. Correct it on the default branch.",
    );
  }
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = parsed;
  const { main, module, exports, bin, engines, volta, scripts, workspaces } = parsed;
  const field = parsed.packageManager ?? fieldOf(parsed.devEngines?.packageManager, volta);
  return {
    ...(field === undefined ? {} : { packageManager: field }),
    engines,
    volta,
    scripts,
    dependencies: Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    }),
    workspaces: workspaces !== undefined,
    patterns: workspaces,
    entries: textsIn([main, module, exports, bin]).map((path) => path.replace(/^\.\//, "")),
  };
}

/** Older and newer ways to say what `packageManager` does. */
function fieldOf(
  wanted: z.output<typeof Wanted>,
  volta: Readonly<Record<string, string>>,
): string | undefined {
  if (wanted !== undefined) return `${wanted.name}@${wanted.version}`;
  const pinned = ["pnpm", "yarn"].find((name) => volta[name] !== undefined);
  return pinned && `${pinned}@${volta[pinned]}`;
}

const MOST_TEXTS = 200;

/** All texts in a JSON value, however deep, as far as there aren't too many. */
function textsIn(value: unknown): readonly string[] {
  const found: string[] = [];
  const queue = [value];
  for (const one of queue.values()) {
    if (typeof one === "string") found.push(one);
    else if (typeof one === "object" && one !== null) queue.push(...Object.values(one));
    if (queue.length > MOST_TEXTS) break;
  }
  return found;
}
