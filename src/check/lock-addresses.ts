import { Failure } from "../errors.ts";
import { GATEWAY, type Registry } from "../sandbox/egress-registry.ts";
import { type Sandbox, WORKSPACE } from "../sandbox/sandbox.ts";
import type { PackageManager } from "./project.ts";

/** A lock file whose packages come from the gateway, and what each address was before. */
export type LedLock = { readonly text: string; readonly before: ReadonlyMap<string, string> };

const ADDRESS = /https?:\/\/[^\s"'#]+/g;
/** `NAME/-/FILE.tgz`, as every npm registry lays its packages out. */
const PACKAGE = /\/((?:@[^/]+(?:\/|%2f))?[^/@]+\/-\/[^/]+\.tgz)$/i;

/**
 * Lets the addresses that npm's and yarn's lock files hold lead to the gateway. They name the registry that the file was
 * written with, which needn't be one of those listed: its packages are asked of the first npm registry, and the file's
 * hashes say whether it gives the same ones.
 */
export function leadToGateway(text: string, registries: readonly Registry[]): LedLock {
  const before = new Map<string, string>();
  const main = registries.find(({ kind, scope }) => kind === "npm" && scope === undefined);
  const led = text.replace(ADDRESS, (address) => {
    const listed = registries.find(({ url }) => address.startsWith(url));
    const file = PACKAGE.exec(address)?.[1];
    const there =
      listed === undefined
        ? main && file && `${GATEWAY}/${main.name}/${file}`
        : `${GATEWAY}/${listed.name}/${address.slice(listed.url.length)}`;
    if (there === undefined || there === "") return address;
    if (!before.has(there)) before.set(there, address);
    return there;
  });
  return { text: led, before };
}

/** The same file without the gateway's addresses: those that were there before, else those of the registries. */
export function leadBack(
  text: string,
  before: LedLock["before"],
  registries: readonly Registry[],
): string {
  return text.replace(ADDRESS, (address) => {
    const known = before.get(address);
    if (known !== undefined) return known;
    const registry = registries.find(({ name }) => address.startsWith(`${GATEWAY}/${name}/`));
    if (registry === undefined) return address;
    return registry.url + address.slice(`${GATEWAY}/${registry.name}/`.length);
  });
}

const MAX_LOCK_BYTES = 64 * 1024 ** 2;
/** Those of other managers hold no addresses, or none that are followed. */
const LOCKS: Readonly<Partial<Record<PackageManager, readonly string[]>>> = {
  npm: ["package-lock.json", "npm-shrinkwrap.json"],
  yarn: ["yarn.lock"],
};

type LedFile = { readonly path: string; readonly original: string; readonly lock: LedLock };

/** Runs `work` with the lock files at the workspace's top leading to the gateway; afterwards they are as they were. */
export async function withLedLocks<T>(
  sandbox: Sandbox,
  manager: PackageManager,
  registries: readonly Registry[],
  work: () => Promise<T>,
): Promise<T> {
  const led: LedFile[] = [];
  for (const name of registries.length === 0 ? [] : (LOCKS[manager] ?? [])) {
    const path = `${WORKSPACE}/${name}`;
    const original = await readText(sandbox, path);
    const lock = leadToGateway(original ?? "", registries);
    if (original !== undefined && lock.text !== original) led.push({ path, original, lock });
  }
  try {
    for (const { path, lock } of led) await writeText(sandbox, path, lock.text);
    return await work();
  } finally {
    if (!sandbox.lost.aborted) await putBack(sandbox, led, registries);
  }
}

async function putBack(
  sandbox: Sandbox,
  led: readonly LedFile[],
  registries: readonly Registry[],
): Promise<void> {
  for (const { path, original, lock } of led) {
    const now = await readText(sandbox, path);
    if (now === undefined) continue; // the installation took it away
    const text = now === lock.text ? original : leadBack(now, lock.before, registries);
    await writeText(sandbox, path, text);
  }
}

function writeText(sandbox: Sandbox, path: string, text: string): Promise<void> {
  return sandbox.writeFiles([{ path, data: new TextEncoder().encode(text) }]);
}

/** Undefined when it isn't there, or is no file that could be changed and put back. */
async function readText(sandbox: Sandbox, path: string): Promise<string | undefined> {
  try {
    const bytes = await sandbox.readFile(path, { maxBytes: MAX_LOCK_BYTES });
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    return text.includes("\ufffd") ? undefined : text;
  } catch (error) {
    if (error instanceof Failure && error.kind === "invalid-request") return undefined;
    throw error;
  }
}
