import type { Digest } from "../artifact/artifact.ts";
import { type FileWrite, type Sandbox, WORKSPACE } from "../sandbox/sandbox.ts";
import { amendPatch, hasAttributes } from "../workspace/amend-patch.ts";
import { readChanges } from "../workspace/changes.ts";
import { hasChanged, markAsRead } from "../workspace/has-changed.ts";
import type { Patch, TreeEntry } from "../workspace/patch.ts";
import { encodePatch } from "../workspace/patch-text.ts";
import type { OpenRun } from "./open-run.ts";
import type { Ready } from "./set-up.ts";

/** What happened in the workspace since its tree was last kept. */
export type Happened = "nothing-known" | "files-written";

type Kept = {
  readonly patch: Patch;
  readonly digest: Digest;
  /** Whether later changes can be told from this state. */
  readonly isMarked: Promise<boolean>;
};

type Base = { readonly entries: ReadonlyMap<string, TreeEntry>; readonly hasAttributes: boolean };

/** Keeps the changes of one sandbox's workspace outside of it, and reads them again only when they may have changed. */
export class TreeKeeper {
  readonly #run: OpenRun;
  readonly #ready: Ready;
  readonly #sandbox: Sandbox;
  #kept: Kept | undefined;
  #base: Base | undefined;
  #tree: readonly TreeEntry[] | undefined;
  #written: FileWrite[] = [];

  constructor(run: OpenRun, ready: Ready, sandbox: Sandbox) {
    this.#run = run;
    this.#ready = ready;
    this.#sandbox = sandbox;
  }

  /** The workspace is as the base with `patch` on it. */
  async start(patch: Patch | undefined, signal: AbortSignal): Promise<void> {
    const known = patch ?? { baseSha: this.#ready.sha, changes: [] };
    const isMarked = await markAsRead(this.#sandbox, { signal });
    this.#kept = {
      patch: known,
      digest: await this.#store(known),
      isMarked: Promise.resolve(isMarked),
    };
  }

  /** A tool has written this file. */
  readonly wrote = (file: FileWrite): void => {
    this.#written.push(file);
  };

  /** Names the workspace's changes, kept in the artifact store. Throws what `readChanges` throws. */
  async keep(happened: Happened, signal: AbortSignal): Promise<Digest> {
    const kept = this.#kept;
    const written = this.#written.splice(0);
    if (kept !== undefined && written.length === 0) {
      if ((await kept.isMarked) && !(await this.#hasChanged(signal))) return kept.digest;
    }
    const isKnown = kept !== undefined && happened === "files-written" && written.length > 0;
    const amended = isKnown ? await this.#amend(kept.patch, written) : undefined;
    if (amended !== undefined) return this.#remember(amended, this.#mark(signal));
    return this.#remember(await this.read(signal), Promise.resolve(true));
  }

  /** All changes, read from the workspace. */
  async read(signal: AbortSignal): Promise<Patch> {
    this.#kept = undefined; // what counts from now on is what changes after this reading
    const options = { baseSha: this.#ready.sha, tree: await this.#list(), ignore: this.#ignored() };
    return readChanges(this.#sandbox, { ...options, signal });
  }

  async #amend(patch: Patch, written: readonly FileWrite[]): Promise<Patch | undefined> {
    this.#base ??= await this.#readBase();
    const { entries, hasAttributes: isConverted } = this.#base;
    let amended = isConverted ? undefined : patch;
    for (const { path, data, mode } of written) {
      if (amended === undefined) return undefined;
      const relative = path.slice(WORKSPACE.length + 1);
      const file = { path: relative, data, mode: mode === 0o755 ? "100755" : "100644" } as const;
      amended = amendPatch(amended, file, entries);
    }
    return amended;
  }

  /** Not waited for: the sandbox's next command comes after it anyway. In doubt the workspace is read. */
  #mark(signal: AbortSignal): Promise<boolean> {
    return markAsRead(this.#sandbox, { signal }).catch(() => false);
  }

  async #remember(patch: Patch, isMarked: Promise<boolean>): Promise<Digest> {
    this.#kept = undefined;
    const digest = await this.#store(patch);
    this.#kept = { patch, digest, isMarked };
    return digest;
  }

  async #store(patch: Patch): Promise<Digest> {
    const { digest } = await this.#run.ports.artifacts.put(encodePatch(patch));
    return digest;
  }

  #hasChanged(signal: AbortSignal): Promise<boolean> {
    return hasChanged(this.#sandbox, { ignore: this.#ignored(), signal });
  }

  async #list(): Promise<readonly TreeEntry[]> {
    this.#tree ??= await this.#run.mirror.list(this.#ready.sha);
    return this.#tree;
  }

  async #readBase(): Promise<Base> {
    const tree = await this.#list();
    const entries = new Map(tree.map((entry) => [entry.path, entry]));
    return { entries, hasAttributes: hasAttributes(tree) };
  }

  /** What an install made, which is no part of the change; where there was none yet, nothing is told to git either. */
  #ignored(): readonly string[] {
    const { dependencies, project } = this.#ready;
    const later = project.firstInstall === undefined ? [] : ["node_modules/"];
    return [...(dependencies?.paths ?? []), ...later];
  }
}
