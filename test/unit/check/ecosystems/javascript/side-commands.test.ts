import { describe, expect, it } from "vitest";
import { findSideCommands } from "../../../../../src/check/ecosystems/javascript/side-commands.ts";

function find(scripts: Readonly<Record<string, string>>, dependencies: readonly string[] = []) {
  const paths = new Set(["package.json", "tsconfig.json"]);
  return findSideCommands({ scripts, dependencies, manager: "pnpm", paths });
}

describe("what a project has beside its tests", () => {
  it("is run as the scripts that people gave it", () => {
    expect(find({ build: "tsup", lint: "eslint .", "check-types": "tsc --noEmit" })).toEqual({
      build: "pnpm run build",
      lint: "pnpm run lint",
      types: "pnpm run check-types",
    });
  });

  it("looks at types without a script where TypeScript is configured", () => {
    expect(find({}, ["typescript"])).toEqual({ types: "npx --no-install tsc --noEmit -p ." });
    expect(find({})).toEqual({});
  });

  it.each(["eslint . --fix", "biome check --write", "tsc -w", "vite build --watch", " "])(
    "is nothing that changes files or never ends: %s",
    (script) => {
      expect(find({ lint: script, build: script })).toEqual({});
    },
  );
});
