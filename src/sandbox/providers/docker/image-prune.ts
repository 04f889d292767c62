import Docker from "dockerode";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";
import { dockerOptions } from "./engine-socket.ts";
import { planImage } from "./image-build.ts";
import { GUEST_IMAGE, GUEST_LABEL, guestName } from "./image-foreign.ts";
import { imageNames } from "./image-recipe.ts";

/** An image or a container of an image's, as far as it matters here. */
export type Found = {
  readonly images: readonly {
    readonly id: string;
    readonly refs: readonly string[];
    readonly createdAtMs: number;
  }[];
  readonly containers: readonly {
    readonly id: string;
    readonly names: readonly string[];
    readonly imageId: string;
    /** Made for the guest in images from elsewhere, or for trying one out. */
    readonly isGuests: boolean;
    readonly createdAtMs: number;
    readonly volumes: readonly string[];
  }[];
};

export type Keep = {
  /** References of this Dunlin's own images, and the name of its guest's container. */
  readonly current: ReadonlySet<string>;
  /** What is younger may be another Dunlin's, of another version, between two sandboxes. */
  readonly madeBeforeMs: number;
};

/** What Dunlin itself builds; Podman adds the first part. An image of that name from a registry has another one. */
const OURS = /^(?:docker\.io\/|localhost\/)?(dunlin\/[a-z0-9-]+:[0-9a-f]{16})$/;

/**
 * What no Dunlin needs any more: containers by their id, then images by their reference, in the order in which they can
 * go. What a container uses stays, and so does what can't be told to be Dunlin's own.
 */
export function planPrune(
  { images, containers }: Found,
  { current, madeBeforeMs }: Keep,
): { readonly containers: readonly string[]; readonly images: readonly string[] } {
  const isOld = ({ createdAtMs }: { createdAtMs: number }) => createdAtMs < madeBeforeMs;
  const going = containers.filter((one) => {
    if (!one.isGuests || !isOld(one) || one.names.some((name) => current.has(name))) return false;
    const others = containers.filter(({ id }) => id !== one.id);
    return !others.some(({ volumes }) => volumes.some((name) => one.volumes.includes(name)));
  });
  const used = new Set(containers.filter((one) => !going.includes(one)).map((one) => one.imageId));
  const refs = images
    .filter((image) => isOld(image) && !used.has(image.id))
    .flatMap((image) => image.refs.filter((ref) => OURS.test(ref) && !current.has(plainRef(ref))));
  const isBase = (ref: string) => plainRef(ref).startsWith("dunlin/base:");
  // Those that stand on a base go before it.
  const ordered = [...refs.filter((ref) => !isBase(ref)), ...refs.filter(isBase)];
  return { containers: going.map(({ id }) => id), images: ordered };
}

function plainRef(ref: string): string {
  return OURS.exec(ref)?.[1] ?? ref;
}

/**
 * Removes what was built for other versions of Dunlin longer than `ageMs` ago and is in no use; returns what went. What
 * is removed too early is built again by whoever wants it. Throws `unavailable`.
 */
export async function pruneImages(
  env: Readonly<Record<string, string | undefined>>,
  { nowMs, ageMs }: { readonly nowMs: number; readonly ageMs: number },
): Promise<readonly string[]> {
  const docker = new Docker(await dockerOptions(env));
  const found = await lookAt(docker);
  const plan = planPrune(found, { current: await ownNames(docker), madeBeforeMs: nowMs - ageMs });
  const gone: string[] = [];
  for (const id of plan.containers) {
    const removal = docker.getContainer(id).remove({ v: true });
    if (await removed(removal)) gone.push(id);
  }
  for (const ref of plan.images) {
    if (await removed(docker.getImage(ref).remove())) gone.push(ref);
  }
  return gone;
}

async function ownNames(docker: Docker): Promise<ReadonlySet<string>> {
  const names = await imageNames();
  const plans = names.map(async (name) => ({ name, ref: (await planImage(docker, name)).ref }));
  const own = await Promise.all(plans);
  const guest = own.filter(({ name }) => name === GUEST_IMAGE).map(({ ref }) => guestName(ref));
  return new Set([...own.map(({ ref }) => ref), ...guest]);
}

async function lookAt(docker: Docker): Promise<Found> {
  const images = await withinMs(ENGINE_TIMEOUT_MS, docker.listImages());
  const containers = await withinMs(ENGINE_TIMEOUT_MS, docker.listContainers({ all: true }));
  return {
    images: images.map(({ Id, RepoTags, Created }) => ({
      id: Id,
      refs: RepoTags ?? [], // null for one without a name
      createdAtMs: Created * 1000,
    })),
    containers: containers.map(({ Id, Names, ImageID, Labels, Created, Mounts }) => ({
      id: Id,
      names: Names.map((name) => name.replace(/^\//, "")),
      imageId: ImageID,
      isGuests: Labels[GUEST_LABEL] === "1",
      createdAtMs: Created * 1000,
      volumes: Mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : [])),
    })),
  };
}

/** False when the engine says that it is in use after all. */
async function removed(removal: Promise<unknown>): Promise<boolean> {
  try {
    await withinMs(ENGINE_TIMEOUT_MS, removal);
    return true;
  } catch (error) {
    const status = statusOf(error instanceof Error ? error.cause : undefined);
    if (status === 404 || status === 409) return false;
    throw error;
  }
}
