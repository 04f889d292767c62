import type { Manifest, NodeManager } from "./package-manager.ts";

/** What a project has beside its tests. */
export type SideCommands = {
  readonly build?: string;
  readonly lint?: string;
  readonly types?: string;
};

type Source = Pick<Manifest, "scripts" | "dependencies"> & {
  readonly manager: NodeManager;
  readonly paths: ReadonlySet<string>;
};

/** Scripts' names, the most common first. */
const NAMES = {
  build: ["build", "compile"],
  lint: ["lint", "lint:check", "eslint"],
  types: ["typecheck", "type-check", "check-types", "types:check", "check:types", "tsc"],
} as const;
/** What changes files looks at nothing, and what watches never ends. */
const UNFIT = /(?:^|\s)--(?:fix|write|watch)\b|(?:^|\s)-w(?=\s|$)/;

function runScript({ manager, scripts }: Source, names: readonly string[]): string | undefined {
  const name = names.find((one) => scripts[one]?.trim() && !UNFIT.test(scripts[one]));
  return name === undefined ? undefined : `${manager} run ${name}`;
}

/** TypeScript's own look, where it is asked for and configured; `npx` starts what is installed. */
function bareTypes({ dependencies, paths }: Source): string | undefined {
  const isTyped = dependencies.includes("typescript") && paths.has("tsconfig.json");
  return isTyped ? "npx --no-install tsc --noEmit -p ." : undefined;
}

/** The commands that build, lint and look at types, as far as package.json shows them. */
export function findSideCommands(source: Source): SideCommands {
  const build = runScript(source, NAMES.build);
  const lint = runScript(source, NAMES.lint);
  const types = runScript(source, NAMES.types) ?? bareTypes(source);
  return {
    ...(build === undefined ? {} : { build }),
    ...(lint === undefined ? {} : { lint }),
    ...(types === undefined ? {} : { types }),
  };
}

/** Those that a repository names itself. */
export function configuredSide({
  build,
  lint,
  types,
}: Readonly<Partial<Record<keyof SideCommands, string | undefined>>>): SideCommands {
  return {
    ...(build === undefined ? {} : { build }),
    ...(lint === undefined ? {} : { lint }),
    ...(types === undefined ? {} : { types }),
  };
}
