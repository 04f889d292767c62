import type { FileChange } from "../../src/workspace/patch.ts";
import { dependencyLayer, sourceLayer } from "../upstream/layers.ts";
import type { Tree } from "../upstream/tarballs.ts";
import { upstreamOf } from "../upstream/trees.ts";
import { UPSTREAM_CASES, type UpstreamCase } from "../upstream/upstream-case.ts";
import type { ReporterCase } from "./reporter-case.ts";

/**
 * An npm package as it was published, with the tests of a later version, if the case has one: real tests, some of which
 * fail for a real reason.
 */
export function published(one: UpstreamCase): Pick<ReporterCase, "project" | "image" | "prepare"> {
  return {
    project: `${one.package} ${one.base}${one.base === one.fixed ? "" : `, tests of ${one.fixed}`}`,
    image: "node",
    prepare: async (cache) => {
      const { base, testsAlone } = await upstreamOf(one, cache);
      const files = changed(base, testsAlone);
      return { files, layers: [await dependencyLayer(base, cache), await sourceLayer(files)] };
    },
  };
}

/** One of those that `npm run upstream` has. */
export function upstreamCase(id: string): UpstreamCase {
  const found = UPSTREAM_CASES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`test/upstream/cases.json has no ${id}.`);
  return found;
}

function changed(base: Tree, changes: readonly FileChange[]): Tree {
  const files = new Map(base);
  for (const change of changes) {
    if (change.kind === "write") files.set(change.path, change.data);
    else files.delete(change.path);
  }
  return files;
}
