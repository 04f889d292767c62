import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pack as createPack } from "tar-stream";
import { expect, onTestFinished, test } from "vitest";
import { pruneImages } from "../../src/sandbox/providers/docker/image-prune.ts";
import { docker } from "./sandbox-fixture.ts";

const YEAR_MS = 365 * 86_400_000;

function tarOf(files: Readonly<Record<string, string | Buffer>>): Readable {
  const pack = createPack();
  for (const [name, data] of Object.entries(files)) pack.entry({ name }, data);
  pack.finalize();
  return Readable.from(pack);
}

/** An image with one small file that says it was made years ago. */
async function loadOldImage(): Promise<string> {
  const ref = `dunlin/node:${randomBytes(8).toString("hex")}`;
  const layer = Buffer.concat(await tarOf({ "etc/name": ref }).toArray());
  const diffId = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "2020-01-01T00:00:00Z",
    config: { Cmd: ["/none"] },
    rootfs: { type: "layers", diff_ids: [diffId] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [ref], Layers: ["layer.tar"] }];
  const image = tarOf({
    "config.json": JSON.stringify(config),
    "layer.tar": layer,
    "manifest.json": JSON.stringify(manifest),
  });
  const loading = await docker.loadImage(image);
  loading.resume();
  await once(loading, "end");
  onTestFinished(() =>
    docker
      .getImage(ref)
      .remove({ force: true })
      .catch(() => {}),
  );
  return ref;
}

/** Only what is older than anything that anybody built here goes. */
const prune = () => pruneImages(process.env, { nowMs: Date.now(), ageMs: YEAR_MS });

test("an old image of ours goes once no container uses it, and nothing else does", async () => {
  const [used, idle] = [await loadOldImage(), await loadOldImage()];
  const container = await docker.createContainer({ Image: used, Labels: { test: "prune" } });
  onTestFinished(() => container.remove({ force: true }).catch(() => {}));
  expect(await prune()).toEqual([idle]);
  await expect(docker.getImage(idle).inspect()).rejects.toMatchObject({ statusCode: 404 });
  await container.remove();
  expect(await prune()).toEqual([used]);
  expect(await prune()).toEqual([]);
});
