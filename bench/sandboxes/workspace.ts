import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Layer } from "../../src/sandbox/sandbox.ts";
import { checkoutLayer } from "../../src/workspace/checkout.ts";
import { createGitMirrors, MIRROR_LIMITS } from "../../src/workspace/mirrors/git/git-mirrors.ts";
import { type Finding, ratio } from "../finding.ts";
import { openFolder } from "../folder.ts";
import { inTurns, timed } from "../rounds.ts";
import { DEEP_FILE, generateRepository, git } from "./generated-repository.ts";
import { CLAIM_COSTS, openPlace, toFirstCommand } from "./place.ts";

/** Succeeds only where the deepest folder is. */
const SEE_TREE = ["/usr/bin/test", "-s", DEEP_FILE] as const;

/** A checked-out repository in a sandbox of the pool, against the fastest clone that git makes here. */
export async function measureWorkspace(
  runtime: string,
  rounds: number,
): Promise<readonly Finding[]> {
  await using folder = await openFolder(join(tmpdir(), "dunlin-bench-"));
  await using memory = await openFolder("/dev/shm/dunlin-bench-");
  const bare = join(folder.path, "repository.git");
  await generateRepository(bare);
  const layer = await layerOf(bare, folder.path);
  await using place = await openPlace(runtime, { poolSize: 1 });
  const sides = {
    workspace: () => toFirstCommand(place, { layers: [layer] }, SEE_TREE),
    clone: () => clone(bare, join(memory.path, "clone")),
  };
  const measured = await inTurns(sides, rounds);
  const what = "a claim with the checked-out repository to its first command ÷ a shared clone";
  const about = { id: "workspace", runtime, what, reason: CLAIM_COSTS };
  return [ratio(about, measured, ["workspace", "clone"], (ms) => ms.workspace / ms.clone)];
}

/** The commit as Dunlin mounts it into every sandbox of a run. */
async function layerOf(bare: string, folder: string): Promise<Layer> {
  const mirrors = await createGitMirrors({
    folder: join(folder, "mirrors"),
    hostEnv: { PATH: process.env["PATH"] },
    localRepositories: true,
    limits: MIRROR_LIMITS,
  });
  const mirror = await mirrors.open({ id: 1 });
  const sha = await mirror.fetch({ url: `file://${bare}` }, "main");
  const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  return checkoutLayer(mirror, sha, { sha256, scope: "bench" });
}

async function clone(bare: string, to: string): Promise<number> {
  const tookMs = await timed(() => git(["clone", "--quiet", "--shared", bare, to]));
  await rm(to, { recursive: true });
  return tookMs;
}
