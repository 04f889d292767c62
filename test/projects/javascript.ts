import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeLock, unpackPackage } from "./npm-package.ts";
import type { ProjectCase } from "./project-case.ts";

/** A package whose tarball ships its tests. */
function published(spec: string, manager?: string): ProjectCase {
  return {
    id: manager === undefined ? spec : `${spec} with ${manager}`,
    from: "npm tarball",
    image: "node",
    prepare: async (folder) => {
      await unpackPackage(spec, folder);
      return lock(folder, manager);
    },
  };
}

/** Several of them as the packages of one repository. No tarball holds a whole repository of several packages. */
function together(specs: readonly string[], manager: string): ProjectCase {
  return {
    id: `workspaces of ${specs.join(", ")} with ${manager}`,
    from: "npm tarballs",
    image: "node",
    prepare: async (folder) => {
      for (const spec of specs) {
        const name = spec.replace(/^@/, "").replace("/", "-").split("@")[0] ?? "";
        await mkdir(join(folder, "packages"), { recursive: true });
        await unpackPackage(spec, join(folder, "packages", name));
      }
      const manifest = { name: "workspaces", private: true, workspaces: ["packages/*"] };
      await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
      if (manager.startsWith("pnpm")) {
        await writeFile(join(folder, "pnpm-workspace.yaml"), 'packages: ["packages/*"]\n');
      }
      return ["a package.json at the top that names them", ...(await lock(folder, manager))];
    },
  };
}

async function lock(folder: string, manager: string | undefined): Promise<readonly string[]> {
  if (manager === undefined) return [];
  await makeLock(folder, manager);
  return [`a lock file, made by ${manager}`];
}

export const JAVASCRIPT: readonly ProjectCase[] = [
  published("process-warning@5.1.1"),
  published("secure-json-parse@4.1.1", "npm@11"),
  published("rfdc@1.4.1"),
  published("avvio@9.3.1"),
  published("fastq@1.20.3", "pnpm@10.34.8"),
  published("@fastify/error@4.2.1", "pnpm@9"),
  published("split2@4.2.0", "yarn@1.22.22"),
  published("reusify@1.1.0", "yarn@4.18.1"),
  published("fastq@1.20.3", "bun@1.4.5"),
  together(["reusify@1.1.0", "process-warning@5.1.1"], "npm@11"),
  together(["reusify@1.1.0", "@fastify/error@4.2.1"], "pnpm@10.34.8"),
];
