import { changeBesideDependencies, changedDependencies, lockEntries } from "../dependencies.ts";
import type { ChangedFile, Finding } from "../gate.ts";

/** What runs or judges tests: another version of it is another judge. */
const JUDGES =
  /^(?:jest|vitest|mocha|tape|tap|ava|uvu|borp|chai|sinon|assert|expect|should|tsx|ts-node|ts-jest|babel-jest|esbuild|c8|nyc|jsdom|cross-env)(?:$|-)|^@(?:jest|vitest|babel|tapjs|sinonjs|testing-library)\//;
const GATE = "dependencies-unchanged";

/**
 * Packages that a patch brings in run in the same sandbox as its tests, so each is for a person to look at. What would
 * let them come unseen blocks: a change beside the dependencies, another source than a registry, a lock file that
 * changes by itself, an entry without a hash, another test runner.
 */
export function dependencies(files: readonly ChangedFile[]): readonly Finding[] {
  const manifests = files.filter((file) => file.role === "manifest");
  const locks = files.filter((file) => file.role === "lock");
  const asksForOthers = changedDependencies(manifests).length > 0;
  return [
    ...manifests.flatMap(manifest),
    ...locks.flatMap((file) => (asksForOthers ? lock(file) : [block(file, LONELY)])),
  ];
}

const LONELY = "A lock file was changed although no package.json asks for anything else.";

function manifest(file: ChangedFile): readonly Finding[] {
  const gate = "runner-config-unchanged";
  const beside = changeBesideDependencies(file);
  if (beside === "decides") {
    const detail = "The configuration of the test runner or the package was changed.";
    return [{ gate, result: "block", detail, path: file.path }];
  }
  const detail = "The manifest tells other programs more or other things than before.";
  const told: Finding = { gate, result: "flag", detail, path: file.path };
  return [...(beside === "told" ? [told] : []), ...changedPackages(file)];
}

function changedPackages(file: ChangedFile): readonly Finding[] {
  return changedDependencies([file]).flatMap(({ name, to }) => {
    const bare = name.replace(/ \(\w+\)$/, "");
    if (JUDGES.test(bare)) return [block(file, `What runs the tests was changed: ${bare}`)];
    if (to !== null && /[:/]/.test(to)) {
      return [block(file, `A package doesn't come from a registry: ${bare} from ${to}`)];
    }
    const what = to === null ? "no longer wanted" : `wanted as ${to}`;
    return [flag(file, `A dependency was changed: ${bare}, now ${what}`)];
  });
}

function lock(file: ChangedFile): readonly Finding[] {
  const head = lockEntries(file.head);
  if (!file.path.endsWith(".json"))
    return [flag(file, "The lock file was changed; it is not examined.")];
  if (head === undefined) return [block(file, "The lock file can't be examined.")];
  const base = lockEntries(file.base) ?? new Map();
  return [...head].flatMap(([place, entry]) => {
    if (JSON.stringify(entry) === JSON.stringify(base.get(place))) return [];
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    if (JUDGES.test(name)) return [block(file, `What runs the tests was changed: ${name}`)];
    if (typeof entry["integrity"] !== "string") {
      return [block(file, `A package has no hash in the lock file: ${place}`)];
    }
    const { resolved } = entry;
    const isUsual =
      resolved === undefined || (typeof resolved === "string" && usualAddress(name).test(resolved));
    return isUsual ? [] : [block(file, `A package doesn't come from a registry: ${place}`)];
  });
}

/** Where a registry keeps a package of that name; a sandbox's own gateway is nowhere. */
function usualAddress(name: string): RegExp {
  const plain = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`^https://(?!127\\.)[^/@]+/(?:.*/)?${plain}/-/[^/]+\\.tgz$`);
}

function block({ path }: ChangedFile, detail: string): Finding {
  return { gate: GATE, result: "block", detail, path };
}

function flag({ path }: ChangedFile, detail: string): Finding {
  return { gate: GATE, result: "flag", detail, path };
}
