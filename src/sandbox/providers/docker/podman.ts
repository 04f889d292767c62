import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { MASKED_PATHS } from "./masked-paths.ts";

const JOB = "1000:1000";
const SECCOMP = "seccomp=";

/** The version of the Podman that speaks Docker's API here; undefined when it is no Podman. */
export async function podmanVersion(docker: Docker): Promise<string | undefined> {
  const { Components = [] }: { Components?: readonly { Name: string; Version: string }[] } =
    await docker.version();
  return Components.find(({ Name }) => Name === "Podman Engine")?.Version;
}

/**
 * From now on containers are made in Podman's way; their options are the same that Docker gets. Podman names all
 * runtimes that it has heard of and takes its default one for every container, so that is the only one that it has.
 */
export function speakPodman(docker: Docker): Docker {
  const ask = docker.info.bind(docker);
  const info = async () => {
    const all: { DefaultRuntime?: string } = await ask();
    return { ...all, Runtimes: { [all.DefaultRuntime ?? ""]: {} } };
  };
  const create = docker.createContainer.bind(docker) as (
    options: Docker.ContainerCreateOptions,
  ) => Promise<Docker.Container>;
  const createForPodman = async (options: Docker.ContainerCreateOptions) => {
    const folder = await mkdtemp(join(tmpdir(), "dunlin-podman-"));
    try {
      const seccompFile = join(folder, "seccomp.json");
      await writeFile(seccompFile, seccompOf(options), { mode: 0o600 });
      return await create(podmanOptions(options, seccompFile));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return Object.assign(docker, { info, createContainer: createForPodman });
}

function seccompOf({ HostConfig }: Docker.ContainerCreateOptions): string {
  const option: string | undefined = HostConfig?.SecurityOpt?.find(isSeccomp);
  return option?.slice(SECCOMP.length) ?? "";
}

const isSeccomp = (option: string) => option.startsWith(SECCOMP);

/**
 * What differs in Podman 4: it reads the seccomp profile from a file, while it makes the container; it hides what it is
 * told by another option; it gives a container that can't write to its root a `/var/tmp` without a size; and a folder in
 * memory belongs to the container's own user. So the guest, who is root, is let give the job's folders away before it
 * does anything else. The number of files isn't limited but by the memory that they take.
 */
export function podmanOptions(
  options: Docker.ContainerCreateOptions,
  seccompFile: string,
): Docker.ContainerCreateOptions {
  const { HostConfig = {}, Entrypoint, User } = options;
  const { Tmpfs = {}, SecurityOpt = [], CapAdd = [], MaskedPaths: _, ...same } = HostConfig;
  const folders: [string, string][] = Object.entries(Tmpfs);
  const given = User === JOB ? [] : folders.filter(isJobs).map(([path]) => path);
  const security = SecurityOpt.map((option: string) =>
    isSeccomp(option) ? `${SECCOMP}${seccompFile}` : option,
  );
  const chown = given.length > 0;
  return {
    ...options,
    ...(chown ? { Entrypoint: givingAway(given, Entrypoint) } : {}),
    HostConfig: {
      ...same,
      Tmpfs: {
        "/var/tmp": "rw,noexec,nosuid,nodev,mode=1777,size=1m",
        ...Object.fromEntries(folders.map((folder) => [folder[0], podmanTmpfs(folder, User)])),
      },
      SecurityOpt: [...security, `mask=${MASKED_PATHS.join(":")}`],
      CapAdd: chown ? [...(CapAdd ?? []), "CHOWN"] : CapAdd,
    },
  };
}

const isJobs = ([, options]: readonly [string, string]) => /\buid=1000\b/.test(options);

function podmanTmpfs(folder: readonly [string, string], user: string | undefined): string {
  const known = folder[1].split(",").filter((option) => !/^(uid|gid|nr_inodes)=/.test(option));
  return [...known, ...(user === JOB && isJobs(folder) ? ["U"] : [])].join(",");
}

/** A program of Node's that first gives folders to the job. */
function givingAway(
  folders: readonly string[],
  entrypoint: string | string[] | undefined,
): string[] {
  const [node = "", ...program] = [entrypoint ?? []].flat();
  const code = `import{chownSync}from"node:fs";for(const f of${JSON.stringify(folders)})chownSync(f,1000,1000)`;
  return [node, "--import", `data:text/javascript,${encodeURIComponent(code)}`, ...program];
}
