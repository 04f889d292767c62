import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openFolder } from "../../bench/folder.ts";
import { type Layer, WORKSPACE } from "../../src/sandbox/sandbox.ts";
import type { CorpusCase } from "./corpus-case.ts";

type Kit = CorpusCase["kit"];

const run = promisify(execFile);
const MAX_BYTES = 1024 ** 3;

/** What each kit adds to the manifest's devDependencies. */
const PACKAGES: Readonly<Record<Kit, Readonly<Record<string, string>>>> = {
  node: {},
  vitest: { vitest: "4.0.14" },
  jest: { jest: "29.7.0" },
  mocha: { mocha: "11.7.5" },
  ava: { ava: "6.4.1" },
  tape: { tape: "5.9.0" },
  workspaces: { vitest: "4.0.14" },
  pytest: {},
  unittest: {},
  go: {},
};

/** The image that a kit's tests run in; what they need beside packages is in it. */
export function imageOf(kit: Kit): string {
  if (kit === "go") return "go";
  return kit === "pytest" || kit === "unittest" ? "python" : "node";
}

/** The manifest as the kit has it; anything but a package.json stays as it is. */
export function withKit(kit: Kit, path: string, text: string): string {
  const packages = PACKAGES[kit];
  if (path !== "package.json" || Object.keys(packages).length === 0) return text;
  const manifest = JSON.parse(text);
  const devDependencies = { ...manifest.devDependencies, ...packages };
  return `${JSON.stringify({ ...manifest, devDependencies }, null, 2)}\n`;
}

/** Installs kits on the host, each once, and gives them as layers. */
export function createKits(): (kit: Kit) => Promise<readonly Layer[]> {
  const known = new Map<Kit, Promise<readonly Layer[]>>();
  return (kit) => {
    const layers = known.get(kit) ?? install(PACKAGES[kit]);
    known.set(kit, layers);
    return layers;
  };
}

async function install(
  devDependencies: Readonly<Record<string, string>>,
): Promise<readonly Layer[]> {
  if (Object.keys(devDependencies).length === 0) return [];
  await using folder = await openFolder(join(tmpdir(), "dunlin-kit-"));
  const manifest = { name: "kit", private: true, devDependencies };
  await writeFile(join(folder.path, "package.json"), JSON.stringify(manifest));
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
  await run("npm", ["install", ...quiet], { cwd: folder.path });
  const owner = ["--owner=1000", "--group=1000", "--numeric-owner"];
  const { stdout } = await run("tar", ["-C", folder.path, ...owner, "-c", "node_modules"], {
    encoding: "buffer",
    maxBuffer: MAX_BYTES,
  });
  const digest = `sha256:${createHash("sha256").update(stdout).digest("hex")}` as const;
  return [{ digest, into: WORKSPACE, scope: "corpus", open: () => once(stdout) }];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
