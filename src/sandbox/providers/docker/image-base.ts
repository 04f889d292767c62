import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import { inTurn } from "../../wire-host/machine-turns.ts";
import { BASE_PACKAGES, type DebianBase, planDebianBase } from "./debian-base.ts";

export type BuildOptions = {
  /** One short line each time something is worth showing. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
};

/** No layer of a pull, not even the first answer, may take longer. */
const PULL_SILENCE_MS = 30_000;
const COMMAND_NOT_FOUND = 127;

export type Base = {
  readonly ref: string;
  /** For the build upon it. */
  readonly network: "default" | "none";
  /** What the image has in the end; one of Dunlin's own making has them already. */
  readonly packages: readonly string[];
};

/**
 * The image that a Dockerfile's `BASE` is set to: `published` where it can be pulled and builds have a network (it
 * needs packages), otherwise one made from the host's Debian packages. What is there already is used.
 */
export async function findBase(
  docker: Docker,
  published: string,
  extraPackages: readonly string[],
  options: BuildOptions,
): Promise<Base> {
  const packages = [...BASE_PACKAGES, ...extraPackages];
  const network = await buildNetwork(docker);
  if (network === "default" && (await pullImage(docker, published, options)))
    return { ref: published, network, packages };
  return { ref: await makeBase(docker, packages, options), network, packages };
}

/** Whether the engine has an image of this name. */
export async function imageId(docker: Docker, ref: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(ref).inspect()).Id;
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404)
      return undefined;
    throw error;
  }
}

async function buildNetwork(docker: Docker): Promise<"default" | "none"> {
  const networks = await docker.listNetworks();
  return networks.some(({ Name }) => Name === "bridge" || Name === "podman") ? "default" : "none";
}

/** Whether the engine has it, after it was pulled if need be. */
export async function pullImage(
  docker: Docker,
  ref: string,
  options: BuildOptions,
): Promise<boolean> {
  if ((await imageId(docker, ref)) !== undefined) return true;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), PULL_SILENCE_MS);
  const abortSignal = AbortSignal.any([
    silence.signal,
    ...(options.signal ? [options.signal] : []),
  ]);
  try {
    options.onProgress?.(`pulling ${ref.slice(0, 40)}`);
    const stream = await docker.pull(ref, { abortSignal });
    await followProgress(stream, () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), PULL_SILENCE_MS);
    });
    return (await imageId(docker, ref)) !== undefined;
  } catch {
    // Expected wherever no image registry can be reached.
    options.signal?.throwIfAborted();
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads the engine's progress stream to its end; throws the error that it carries. */
export async function followProgress(
  stream: NodeJS.ReadableStream,
  onEvent: (event: { readonly stream?: string; readonly status?: string }) => void,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() === "") continue;
      const event = JSON.parse(line);
      if (typeof event.error === "string") throw new Error(event.error);
      onEvent(event);
    }
  }
}

async function makeBase(
  docker: Docker,
  packages: readonly string[],
  options: BuildOptions,
): Promise<string> {
  if (platform() !== "linux") throw cannotMake("this machine doesn't run Linux");
  const base = await planDebianBase(packages);
  if (base === undefined)
    throw cannotMake("no Debian or Ubuntu package sources are configured in /etc/apt");
  const { release, options: recipe, sources } = base;
  const hash = createHash("sha256")
    .update(JSON.stringify([arch(), recipe, sources]))
    .digest("hex");
  const ref = `dunlin/base:${hash.slice(0, 16)}`;
  const makeUnlessThere = async () => {
    if ((await imageId(docker, ref)) !== undefined) return;
    options.onProgress?.(`making a base from the packages of ${release}`);
    await importBase(docker, ref, base, options);
  };
  await inTurn(ref, makeUnlessThere, options.signal);
  return ref;
}

async function importBase(
  docker: Docker,
  ref: string,
  { options, sources }: DebianBase,
  { signal }: BuildOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-base-"));
  try {
    const archive = join(folder, "base.tar");
    await runMmdebstrap([...options, archive, ...sources], signal);
    // The tag stands in the name: as a parameter of its own, Podman doesn't read it.
    await followProgress(await docker.importImage(archive, { repo: ref }), () => {});
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runMmdebstrap(args: readonly string[], signal?: AbortSignal): Promise<void> {
  // Equal packages make an equal image: no file carries the time of the build.
  const child = spawn("env", ["LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=0", "mmdebstrap", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  const [code] = await once(child, "close").catch((error) => {
    signal?.throwIfAborted();
    throw error;
  });
  if (code === 0) return;
  const lines = log.trim().split("\n");
  const reason = lines.find((line) => /\berror: /i.test(line)) ?? lines.at(-1) ?? "";
  if (code === COMMAND_NOT_FOUND)
    throw cannotMake("mmdebstrap isn't installed", { missing: "mmdebstrap" });
  throw cannotMake(`mmdebstrap failed (${reason.trim()})`);
}

function cannotMake(why: string, details: Readonly<Record<string, string>> = {}): Failure {
  return new Failure(
    "invalid-request",
    "image-cannot-be-built",
    `The sandbox image can't be built: its public base can't be pulled here, and a base can't be made from Debian packages because ${why}. Give the container engine access to an image registry, or run the set-up as root on Debian or Ubuntu.`,
    { details },
  );
}
