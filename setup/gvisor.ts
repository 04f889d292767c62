import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AptSource,
  formatAptSource,
  type HostRelease,
  readHostRelease,
} from "../src/sandbox/providers/docker/apt-sources.ts";
import { run } from "./run.ts";

/**
 * Puts a current `runsc` below `folder` and returns its path; undefined where the host's distribution has none. The
 * host's own package lists and settings stay as they are.
 */
export async function fetchGvisor(folder: string): Promise<string | undefined> {
  const binary = join(folder, "usr/bin/runsc");
  if (existsSync(binary)) return binary;
  const source = gvisorSource(await readHostRelease());
  if (source === undefined) return undefined;
  const temporary = `${folder}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  try {
    await unpack(source, temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(join(temporary, "unpacked"), folder);
    return binary;
  } catch {
    // Without gVisor the engine's own runtime is used, in a user namespace; the summary says so.
    return undefined;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Where a `runsc` comes from that works on current kernels: Debian's backports (a release's own is too old), by the
 * mirror that the host already uses; Ubuntu's universe.
 */
export function gvisorSource({
  distribution,
  release,
  sources,
}: HostRelease): AptSource | undefined {
  if (distribution === "ubuntu") {
    return sources.find((source) => source.components.includes("universe"));
  }
  const main = sources.find((source) => source.suite === release);
  if (distribution !== "debian" || main === undefined) return undefined;
  return { ...main, suite: `${release}-backports`, components: ["main"] };
}

async function unpack(source: AptSource, folder: string): Promise<void> {
  const lists = join(folder, "lists");
  const downloads = join(folder, "downloads");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(downloads);
  const list = join(folder, "gvisor.list");
  await writeFile(list, `${formatAptSource(source)}\n`);
  const options = {
    "Dir::Etc::sourcelist": list,
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": lists,
    "Dir::Cache": folder,
    "APT::Sandbox::User": "root",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run("apt-get", ["-q", ...flags, "update"]);
  await run("apt-get", ["-q", ...flags, "download", "runsc"], { cwd: downloads });
  const [deb] = await readdir(downloads);
  if (deb === undefined) throw new Error("apt-get downloaded nothing");
  await run("dpkg", ["-x", join(downloads, deb), join(folder, "unpacked")]);
  await run(join(folder, "unpacked/usr/bin/runsc"), ["--version"]);
}
