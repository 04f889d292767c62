import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { IMAGES } from "./image-recipe.ts";

/** A small file of the build context; its path is relative to the context. */
export type ContextFile = { readonly path: string; readonly data: string };

const SANDBOX = new URL("../../", import.meta.url);

/** What all images are built from: the Dockerfile and the guest's program as JavaScript, sorted by path. */
export async function contextFiles(): Promise<readonly ContextFile[]> {
  const dockerfile = await readFile(new URL("Dockerfile", IMAGES), "utf8");
  const program = await Promise.all(["guest", "wire"].map(programFiles));
  const type = { path: "guest/package.json", data: '{"type":"module"}\n' };
  const files = [{ path: "Dockerfile", data: dockerfile }, ...program.flat(), type];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
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
