import { createHash } from "node:crypto";
import { chown, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { Failure } from "../../../../errors.ts";
import { type Layer, WORKSPACE } from "../../../sandbox.ts";
import { UNPACK_TIMEOUT_MS, unpackArgv, unpackFailure } from "../../../unpack-layer.ts";
import { runOnHost } from "./host-program.ts";
import { fingerprint, hashStretches, Stretches, writtenStretches } from "./image-hash.ts";
import { isLiving, nameThisProcess, ProcessName } from "./living.ts";
import { unmountLater } from "./mounts.ts";
import { namesIn, newName, readRecord, writeRecord } from "./records.ts";
import { clearPlace, layersInUse, type StateFolder, share, UNFINISHED } from "./state-folder.ts";
import { runTool, type Tool, type Workshop } from "./tool-container.ts";
import { closeVolume, makeVolume, type Owner, removeVolume, volumeSize } from "./volume.ts";

/** Unpacked, a layer is no larger than this; an archive can make more of itself than it is. */
const LAYER_MIB = 8 * 1024;

const Manifest = z.object({
  fingerprint: z.string(),
  sha256: z.string(),
  stretches: Stretches,
});

export type LayerStoreOptions = Workshop & {
  readonly state: StateFolder;
  readonly owner: Owner;
  /** All layers together take no more of the disk, but for those in use. */
  readonly maxBytes: number;
};

/** Layers as read-only file systems, each unpacked once. */
export class LayerStore {
  readonly #options: LayerStoreOptions;
  readonly #unpacking = new Map<string, Promise<void>>();
  /** Those whose content this process has seen to be what was written. */
  readonly #verified = new Set<string>();

  constructor(options: LayerStoreOptions) {
    this.#options = options;
  }

  /** Whether it can be kept here: named by its content and put into the workspace. */
  takes({ digest, into }: Layer): boolean {
    const isBelow = into === WORKSPACE || into.startsWith(`${WORKSPACE}/`);
    return isBelow && /^sha256:[0-9a-f]{64}$/.test(digest);
  }

  /** The layer's key, once it is there to be mounted. Throws what its `open` throws, and what unpacking it says. */
  async prepare(layer: Layer, tool: Pick<Tool, "imageDigest" | "limits">): Promise<string> {
    const key = this.#keyOf(layer);
    if (await this.#isWhole(key)) return key;
    const known = this.#unpacking.get(key);
    if (known === undefined) {
      const unpacking = this.#add(key, layer, tool).finally(() => this.#unpacking.delete(key));
      this.#unpacking.set(key, unpacking);
      await unpacking;
    } else await known;
    return key;
  }

  #keyOf({ digest, into, scope = "", unpack = [] }: Layer): string {
    const { uid, gid } = this.#options.owner;
    const all = JSON.stringify([scope, digest, into, unpack, uid, gid]);
    return createHash("sha256").update(all).digest("hex").slice(0, 32);
  }

  /** There, and what it was when it was written; one that isn't is removed. */
  async #isWhole(key: string): Promise<boolean> {
    const folder = join(this.#options.state.places.layers, key);
    const manifest = await readRecord(join(folder, "manifest"), Manifest);
    if (manifest === undefined) return false;
    const image = join(folder, "image");
    const now = new Date();
    const { sha256, stretches } = manifest;
    const isSame = (await fingerprint(image)) === manifest.fingerprint;
    const isKnown = this.#verified.has(key);
    if (isSame && (isKnown || (await hashStretches(image, stretches)) === sha256)) {
      this.#verified.add(key);
      await utimes(join(folder, "manifest"), now, now);
      return true;
    }
    this.#verified.delete(key);
    await this.#discard(key);
    return false;
  }

  async #discard(key: string): Promise<void> {
    const { places, takeTurn } = this.#options.state;
    const folder = join(places.layers, key);
    await takeTurn(async () => {
      // A sandbox that uses it keeps what it has; nobody else gets it.
      await unmountLater(join(folder, "fs"));
      await rm(folder, { recursive: true, force: true });
    });
  }

  async #add(key: string, layer: Layer, tool: Pick<Tool, "imageDigest" | "limits">): Promise<void> {
    const { state } = this.#options;
    const { layers } = state.places;
    const folder = join(layers, `${UNFINISHED}${newName()}`);
    await state.takeTurn(async () => {
      await writeRecord(join(folder, "maker"), await nameThisProcess());
      await share(state);
    });
    try {
      await makeVolume(folder, volumeSize(LAYER_MIB));
      await this.#unpack(folder, layer, tool);
      await seal(folder);
      await rename(folder, join(layers, key)).catch(ignoreExisting);
      this.#verified.add(key);
    } finally {
      await removeVolume(folder);
    }
    await this.#evict(key);
  }

  async #unpack(
    folder: string,
    layer: Layer,
    tool: Pick<Tool, "imageDigest" | "limits">,
  ): Promise<void> {
    const { owner, state } = this.#options;
    const tree = join(folder, "fs/tree");
    const place = join(state.places.mounts, basename(folder));
    await mkdir(tree);
    await chown(tree, owner.uid, owner.gid);
    await mkdir(place);
    await runOnHost("mount", ["--bind", tree, place]);
    try {
      const check = layer.unpack === undefined ? layer.digest : undefined;
      const { exitCode, said } = await runTool(this.#options, {
        ...tool,
        argv: unpackArgv(layer),
        mounts: [{ Type: "bind", Source: place, Target: WORKSPACE }],
        timeoutMs: UNPACK_TIMEOUT_MS,
        stdin: checked(layer.open(), check),
      });
      const failure = unpackFailure({ end: "exit", exitCode }, said);
      if (failure !== undefined) throw failure;
    } finally {
      await clearPlace(place);
    }
  }

  /** Removes the ones that were used longest ago until the rest is small enough. */
  async #evict(keep: string): Promise<void> {
    const { state, maxBytes } = this.#options;
    const { layers } = state.places;
    const found = await Promise.all((await namesIn(layers)).map((key) => measure(layers, key)));
    let bytes = found.reduce((sum, layer) => sum + layer.bytes, 0);
    for (const { key, bytes: freed } of found.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (bytes <= maxBytes) return;
      if (key === keep) continue;
      const gone = await state.takeTurn(async () => {
        if ((await layersInUse(state)).has(key)) return "busy";
        return removeVolume(join(layers, key));
      });
      if (gone === "gone") bytes -= freed;
    }
  }
}

/** What a process left behind that ended while it unpacked. */
export async function removeUnfinishedLayers({ places }: StateFolder): Promise<void> {
  const isUnfinished = (name: string) => name.startsWith(UNFINISHED);
  for (const name of (await readdir(places.layers)).filter(isUnfinished)) {
    const folder = join(places.layers, name);
    const maker = await readRecord(join(folder, "maker"), ProcessName);
    if (maker !== undefined && (await isLiving(maker))) continue;
    await clearPlace(join(places.mounts, name));
    await removeVolume(folder);
  }
}

/**
 * From here on nobody writes to it: its container is gone and its file system read-only. A crash of the host may take
 * bytes of it that weren't on the disk yet; then its hash is another one.
 */
async function seal(folder: string): Promise<void> {
  const image = join(folder, "image");
  if ((await closeVolume(folder)) === "busy") {
    const message = "A container still holds a layer that it has written. Try again.";
    throw new Failure("unavailable", "layer-in-use", message);
  }
  const stretches = await writtenStretches(image);
  const sha256 = await hashStretches(image, stretches);
  const manifest = { sha256, stretches, fingerprint: await fingerprint(image) };
  await writeRecord(join(folder, "manifest"), manifest);
}

async function measure(layers: string, key: string) {
  const [image, manifest] = await Promise.all(
    ["image", "manifest"].map((name) => stat(join(layers, key, name)).catch(() => undefined)),
  );
  return { key, bytes: (image?.blocks ?? 0) * 512, usedAtMs: manifest?.mtimeMs ?? 0 };
}

/** The same bytes; an error at their end when they are not what they are called. */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  digest: string | undefined,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    if (digest !== undefined) hash.update(chunk);
    yield chunk;
  }
  if (digest === undefined || digest === `sha256:${hash.digest("hex")}`) return;
  const message = `The layer ${digest} has another content than its name says. Start the run again.`;
  throw new Failure("unavailable", "layer-corrupt", message);
}

/** Another process was faster: its copy is as good. */
function ignoreExisting(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
}
