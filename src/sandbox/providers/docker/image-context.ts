import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { Failure } from "../../../errors.ts";

/** A small file of the build context; its path is relative to the context. */
export type ContextFile = { readonly path: string; readonly data: string };

const IMAGES = new URL("../../../../sandbox-images/", import.meta.url);
const SANDBOX = new URL("../../", import.meta.url);

/** The files of `sandbox-images/<name>/` and the guest's program as JavaScript, sorted by path. */
export async function contextFiles(name: string): Promise<readonly ContextFile[]> {
  const own = await imageFiles(name);
  const program = await Promise.all(["guest", "wire"].map(programFiles));
  const type = { path: "guest/package.json", data: '{"type":"module"}\n' };
  return [...own, ...program.flat(), type].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function imageNames(): Promise<readonly string[]> {
  const entries = await readdir(IMAGES, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function imageFiles(name: string): Promise<ContextFile[]> {
  const names = await readdir(new URL(`${name}/`, IMAGES)).catch((): string[] => []);
  if (!/^[a-z0-9-]+$/.test(name) || !names.includes("Dockerfile")) {
    throw new Failure(
      "invalid-request",
      "no-such-image",
      `There is no sandbox image called "${name}". Set \`image\` in .github/dunlin.yml to one that there is: ${(await imageNames()).join(", ")}.`,
    );
  }
  return Promise.all(
    names.map(async (file) => ({
      path: file,
      data: await readFile(new URL(`${name}/${file}`, IMAGES), "utf8"),
    })),
  );
}

/** In the repository the sources are TypeScript and lose their types here; the package holds JavaScript already. */
async function programFiles(folder: string): Promise<ContextFile[]> {
  const names = await readdir(new URL(`${folder}/`, SANDBOX)).catch((): string[] => []);
  const sources = names.filter((file) => /(?<!\.d)\.(ts|js)$/.test(file));
  return Promise.all(
    sources.map(async (file) => {
      const text = await readFile(new URL(`${folder}/${file}`, SANDBOX), "utf8");
      const data = file.endsWith(".ts") ? toJavaScript(text) : text;
      return { path: `guest/${folder}/${file.replace(/\.ts$/, ".js")}`, data };
    }),
  );
}

/** Takes the types out and lets relative imports end in `.js`. */
export function toJavaScript(source: string): string {
  return quietly(() => stripTypeScriptTypes(source)).replace(
    /((?:\bfrom|\bimport)\s*\(?\s*["']\.[^"'\n]*)\.ts(["'])/g,
    "$1.js$2",
  );
}

/** Node warns that stripping is experimental; the exact Node version is pinned, so nobody has to read that. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
