import { formatAptSource, readHostRelease } from "./apt-sources.ts";

/** In every image. */
export const BASE_PACKAGES: readonly string[] = ["git", "ca-certificates"];
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"];

/** Debian's packages as one archive, from where the host gets its own. Equal plans make equal archives. */
export type DebianBase = {
  readonly release: string;
  /** What `mmdebstrap` is told before the archive's path. */
  readonly options: readonly string[];
  /** And after it. */
  readonly sources: readonly string[];
};

/** Undefined where the host has no sources of its release's packages. */
export async function planDebianBase(packages: readonly string[]): Promise<DebianBase | undefined> {
  const { release, sources } = await readHostRelease();
  if (sources.length === 0) return undefined;
  const options = [
    "--variant=minbase",
    // Java's packages put links there, and fail where the folder is left out with what is in it.
    '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
    `--include=${packages.join(",")}`,
    '--aptopt=Acquire::Languages "none"',
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    "--format=tar",
    release,
  ];
  return { release, options, sources: sources.map(formatAptSource) };
}
