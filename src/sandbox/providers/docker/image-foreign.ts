import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import { JOB_ENV } from "../../wire-host/job-env.ts";
import { inTurn } from "../../wire-host/machine-turns.ts";
import { statusOf } from "./engine-error.ts";
import type { Foreign, Image } from "./image.ts";
import { type BuildOptions, imageId, pullImage } from "./image-base.ts";
import { ensureBuiltImage } from "./image-build.ts";

/** Has the folder with the guest; the same one is enough for all foreign images. */
export const GUEST_IMAGE = "plain";
/** Of the containers that are made for images from elsewhere and are no sandboxes. */
export const GUEST_LABEL = "dunlin.guest";
const GUEST_FOLDER = "/opt/dunlin";
const GUEST_NODE = `${GUEST_FOLDER}/node`;
const LOADERS = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
const MUSL_LOADERS = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];
const PROGRAMS = ["env", "find", "head", "mkdir", "tar"];
const TRIAL = `for p in ${PROGRAMS.join(" ")}; do command -v $p >/dev/null || { echo "it lacks $p"; exit 1; }; done
exec ${GUEST_NODE} --version`;

/**
 * An image from elsewhere, pulled when the engine hasn't it, and tried: it is never built upon, the guest comes by a
 * read-only mount. Throws `invalid-request/no-such-image` and `invalid-request/image-unfit` with the reason.
 */
export async function ensureForeignImage(
  docker: Docker,
  ref: string,
  options: BuildOptions = {},
): Promise<Image> {
  if ((await imageId(docker, ref)) === undefined && !(await pullImage(docker, ref, options))) {
    throw new Failure(
      "invalid-request",
      "no-such-image",
      `The container engine doesn't have the image ${ref} and can't pull it. Load it into the engine, or choose another.`,
    );
  }
  const { Id: digest, Config } = await docker.getImage(ref).inspect();
  const volumes = Object.keys(Config.Volumes ?? {});
  // No limit would hold what a job writes there.
  if (volumes.length > 0) throw unfit(ref, `it declares volumes (${volumes.join(", ")})`);
  const guestFrom = await ensureGuestVolume(docker, options);
  const foreign = { guestFrom, ...environment(Config.Env ?? []) };
  await tryImage(docker, { ref, digest, foreign });
  return { ref, digest, foreign };
}

/** Adds to a container of a foreign image what other images have in them; leaves those of the others as they are. */
export function withGuest(
  options: Docker.ContainerCreateOptions,
  { foreign }: Image,
): Docker.ContainerCreateOptions {
  if (foreign === undefined) return options;
  const own = options.Env ?? [];
  // The image's variables are meant for what runs in it, and some of them would change the guest.
  const emptied = foreign.envNames.map((name) => `${name}=`);
  return {
    ...options,
    Env: [...emptied.filter((line) => !own.some((other) => other.startsWith(line))), ...own],
    Healthcheck: { Test: ["NONE"] },
    HostConfig: { ...options.HostConfig, VolumesFrom: [`${foreign.guestFrom}:ro`] },
  };
}

function environment(lines: readonly string[]): Pick<Foreign, "jobEnv" | "envNames"> {
  const variables = lines.map((line): [string, string] => {
    const [name = "", ...value] = line.split("=");
    return [name, value.join("=")];
  });
  const ours = variables.filter(([name]) => name === "PATH" || !(name in JOB_ENV));
  return { envNames: variables.map(([name]) => name), jobEnv: Object.fromEntries(ours) };
}

/** What the container is called that holds the guest of the image `ref`. */
export function guestName(ref: string): string {
  return `dunlin-guest-${ref.split(":").at(-1)}`;
}

/** The id of a container that never runs again; its volume was filled from the image's own folder. */
async function ensureGuestVolume(docker: Docker, options: BuildOptions): Promise<string> {
  const image = await ensureBuiltImage(docker, GUEST_IMAGE, options);
  const name = guestName(image.ref);
  const makeUnlessThere = async () => {
    const there = await inspectContainer(docker, name);
    if (there?.State.Status === "exited" && there.State.ExitCode === 0) return there.Id;
    // Cut short while it was filled.
    if (there !== undefined) await docker.getContainer(there.Id).remove({ force: true, v: true });
    const container = await docker.createContainer({
      name,
      Image: image.digest,
      Entrypoint: [GUEST_NODE, "--version"],
      Cmd: [],
      Labels: { [GUEST_LABEL]: "1" },
      Volumes: { [GUEST_FOLDER]: {} },
      HostConfig: { ...CLOSED, LogConfig: { Type: "none", Config: {} } },
    });
    await container.start();
    const { StatusCode } = await container.wait();
    if (StatusCode === 0) return container.id;
    throw new Error(`The guest's volume can't be filled: exit ${StatusCode}.`);
  };
  return inTurn(name, makeUnlessThere, options.signal);
}

const CLOSED = {
  NetworkMode: "none",
  ReadonlyRootfs: true,
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges"],
} as const;

async function inspectContainer(docker: Docker, name: string) {
  try {
    return await docker.getContainer(name).inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Throws `invalid-request/image-unfit` for an image that the guest can't run in. */
async function tryImage(docker: Docker, image: Image): Promise<void> {
  const { ref, digest } = image;
  const options = {
    Image: digest,
    User: "1000:1000",
    WorkingDir: "/",
    Entrypoint: ["/bin/sh", "-c", TRIAL],
    Cmd: [],
    Env: [`PATH=${image.foreign?.jobEnv["PATH"] ?? JOB_ENV["PATH"]}`],
    Tty: true,
    Labels: { [GUEST_LABEL]: "1" },
    HostConfig: { ...CLOSED, PidsLimit: 64, LogConfig: { Type: "json-file", Config: {} } },
  };
  const container = await docker.createContainer(withGuest(options, image));
  try {
    const has = (path: string) => hasPath(container, path);
    if (!(await has("/bin/sh"))) throw unfit(ref, "it has no shell (/bin/sh)");
    const loaders = await Promise.all(LOADERS.map(has));
    if (!loaders.includes(true)) {
      const musl = (await Promise.all(MUSL_LOADERS.map(has))).includes(true);
      throw unfit(
        ref,
        musl ? "its C library is musl, and the guest needs glibc" : "it has no glibc",
      );
    }
    await container.start();
    const { StatusCode } = await container.wait();
    if (StatusCode !== 0) throw unfit(ref, (await lastLine(container)) || `exit ${StatusCode}`);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

async function hasPath(container: Docker.Container, path: string): Promise<boolean> {
  try {
    await container.infoArchive({ path });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

async function lastLine(container: Docker.Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: 5 });
  const line = log.toString("utf8").trim().split(/\r?\n/).at(-1) ?? "";
  return line.replaceAll(/\p{Cc}/gu, "").slice(0, 300);
}

function unfit(ref: string, why: string): Failure {
  return new Failure(
    "invalid-request",
    "image-unfit",
    `The image ${ref} can't be used for sandboxes: ${why}. Choose one with glibc, a shell, tar and no volumes, such as debian:12, or one of Dunlin's own.`,
  );
}
