import type { Break } from "../break.ts";

const MOUNTED = "test/integration/workspaces.test.ts";
const KEPT = "test/integration/workspaces-kept.test.ts";
const STORE = { file: "src/sandbox/providers/docker/workspaces/layer-store.ts", test: MOUNTED };
const RECORDS = {
  file: "src/sandbox/providers/docker/workspaces/records.ts",
  test: "test/unit/sandbox/providers/docker/workspaces/records.test.ts",
};

/** What a sandbox starts from, may fill and leaves behind. */
export const workspaceBreaks: readonly Break[] = [
  {
    ...STORE,
    id: "scopes-shared",
    promise: "layer-scopes",
    find: "JSON.stringify([scope, digest, into, unpack, uid, gid])",
    replace: "JSON.stringify([digest, into, unpack, uid, gid])",
    name: "on runc never shares a copy between scopes",
  },
  {
    ...STORE,
    id: "layer-not-looked-at",
    promise: "layer-verified",
    find: "if (isSame && (isKnown || (await hashStretches(image, stretches)) === sha256)) {",
    replace: "if (isSame || isKnown || stretches.length > 0) {",
    name: "on runc is unpacked again when its copy is not what was written",
  },
  {
    ...STORE,
    id: "layer-of-another-name",
    promise: "layer-verified",
    find: 'if (digest === undefined || digest === `sha256:${hash.digest("hex")}`) return;',
    replace: 'if (digest !== "") return;',
    name: "on runc doesn't begin with a layer that isn't what it is called",
  },
  {
    ...STORE,
    id: "layers-without-end",
    promise: "layers-bounded",
    find: "await this.#evict(key);",
    replace: "",
    test: "test/integration/layer-eviction.test.ts",
  },
  {
    ...STORE,
    id: "newest-layer-first",
    promise: "layers-bounded",
    find: "found.sort((a, b) => a.usedAtMs - b.usedAtMs)",
    replace: "found.sort((a, b) => b.usedAtMs - a.usedAtMs)",
    test: "test/integration/layer-eviction.test.ts",
  },
  {
    ...STORE,
    id: "layer-in-use-evicted",
    promise: "layers-bounded",
    find: "if ((await layersInUse(state)).has(key))",
    replace: "if ((await layersInUse(state)).size < 0)",
    test: "test/integration/layer-eviction.test.ts",
  },
  {
    id: "hash-of-nothing",
    promise: "layer-verified",
    file: "src/sandbox/providers/docker/workspaces/image-hash.ts",
    find: "for (let at = first * BLOCK_BYTES; at < end; ) {",
    replace: "for (let at = first * BLOCK_BYTES; at < last * BLOCK_BYTES; ) {",
    test: "test/unit/sandbox/providers/docker/workspaces/host-facts.test.ts",
    name: "the hash is of the stretches alone",
  },
  {
    ...STORE,
    id: "layer-writable",
    promise: "layer-verified",
    file: "src/sandbox/providers/docker/workspaces/state-folder.ts",
    find: 'await mountImage(join(volume, "image"), join(volume, "fs"), "ro");',
    replace: 'await mountImage(join(volume, "image"), join(volume, "fs"), "rw");',
    name: "on runc is unpacked once, also for two at once, and nobody writes to it",
  },
  {
    id: "volume-larger",
    promise: "workspace-quota",
    file: "src/sandbox/providers/docker/workspaces/volume.ts",
    find: "inodes: Math.max(4096, mebibytes * 256) };",
    replace: "inodes: Math.max(4096, mebibytes * 2560) };",
    test: "test/unit/sandbox/providers/docker/workspaces/host-facts.test.ts",
    name: "a volume has room for files in proportion",
  },
  {
    ...STORE,
    id: "volume-without-end",
    promise: "workspace-quota",
    file: "src/sandbox/providers/docker/workspaces/volume.ts",
    find: "const blocks = spare > 0 ? ample - spare : ample;",
    replace: "const blocks = ample * 2;",
    name: "on runc holds its limits of bytes and of files",
  },
  {
    id: "snapshot-without-changes",
    promise: "snapshot-exact",
    file: "src/sandbox/providers/docker/workspaces/workspace.ts",
    find: "const parts = [frozen, ...this.#parts];",
    replace: "const parts = [...this.#parts, frozen].slice(0, this.#parts.length);",
    test: KEPT,
    name: "on runc starts others exactly as it was, whatever happens later",
  },
  {
    ...RECORDS,
    id: "name-leads-out",
    promise: "own-names",
    find: "const HEX = /^[0-9a-f]{16,64}$/;",
    replace: "const HEX = /[0-9a-f]{16,64}/;",
    name: "only our own names are taken for ours",
  },
  {
    ...RECORDS,
    id: "record-half-written",
    promise: "own-names",
    find: "return schema.safeParse(JSON.parse(text)).data;",
    replace: "return JSON.parse(text);",
    name: "is none",
  },
  {
    ...RECORDS,
    id: "number-used-again",
    promise: "no-left-overs",
    file: "src/sandbox/providers/docker/workspaces/living.ts",
    find: "return boot === (await bootId()) && (await startOf(pid)) === startedAt;",
    replace:
      'return boot === (await bootId()) && (await startOf(pid)) !== undefined && startedAt !== "";',
    name: "a process is told from a later one with its number",
  },
];
