import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";
import {
  LayerStore,
  type LayerStoreOptions,
} from "../../src/sandbox/providers/docker/workspaces/layer-store.ts";
import { nameThisProcess } from "../../src/sandbox/providers/docker/workspaces/living.ts";
import { probeMounts } from "../../src/sandbox/providers/docker/workspaces/probe.ts";
import {
  namesIn,
  newName,
  type VolumeRecord,
  writeRecord,
} from "../../src/sandbox/providers/docker/workspaces/records.ts";
import { openStateFolder } from "../../src/sandbox/providers/docker/workspaces/state-folder.ts";
import type { Layer } from "../../src/sandbox/sandbox.ts";
import { docker, SPEC } from "./sandbox-fixture.ts";
import { allocatedBytes, canMount, useStateFolder } from "./state-folder.ts";

const CHOICE = {
  runtime: "runc",
  isolation: "container",
  isGvisor: false,
  userNamespace: false,
  weak: true,
  held: ["memoryMiB", "pids", "cpus"],
  outlivesStream: true,
  processors: 1,
} as const;
const LAYER_BYTES = 16 * 1024 ** 2;

/** Content that nothing else has, large beside a file system's own tables. */
async function newLayer(): Promise<Layer> {
  const archive = pack();
  archive.entry({ name: "large" }, randomBytes(LAYER_BYTES));
  archive.finalize();
  const tar = await buffer(Readable.from(archive));
  return {
    digest: `sha256:${createHash("sha256").update(tar).digest("hex")}`,
    into: "/workspace",
    async *open() {
      yield tar;
    },
  };
}

const folder = useStateFolder();

test.runIf(canMount)(
  "the layers that were used longest ago make room, and never one that is in use",
  async () => {
    const { digest: imageDigest } = await ensureImage(docker, "node");
    const state = await openStateFolder(folder.path);
    const workshop = { docker, choice: CHOICE, labels: { purpose: "test" } };
    const owner = await probeMounts(workshop, state, imageDigest);
    const storeOf = (maxBytes: LayerStoreOptions["maxBytes"]) => {
      const store = new LayerStore({ ...workshop, state, owner, maxBytes });
      return (layer: Layer) => store.prepare(layer, { imageDigest, limits: SPEC.limits });
    };
    const [a, b, c, d] = [await newLayer(), await newLayer(), await newLayer(), await newLayer()];
    const keyOfA = await storeOf(Number.POSITIVE_INFINITY)(a);
    const prepare = storeOf(2.5 * allocatedBytes(join(state.places.layers, keyOfA)));
    const kept = async () => new Set(await namesIn(state.places.layers));

    const keyOfB = await prepare(b);
    expect(await kept()).toEqual(new Set([keyOfA, keyOfB]));
    await prepare(a);
    const keyOfC = await prepare(c);
    expect(await kept()).toEqual(new Set([keyOfA, keyOfC]));

    const used: VolumeRecord = {
      process: await nameThisProcess(),
      outlivesProcess: false,
      parts: [{ kind: "layer", key: keyOfA }],
    };
    await writeRecord(join(state.places.volumes, newName(), "record"), used);
    const keyOfD = await prepare(d);
    expect(await kept()).toEqual(new Set([keyOfA, keyOfD]));
  },
);
