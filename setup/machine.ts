// The half of the set-up that needs Node 24 and the packages: a container engine, the sandbox image, the database.
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import type Docker from "dockerode";
import { chooseDataFolder } from "../src/data-folder.ts";
import { installPostgres, postgresUser } from "../src/engine/engines/dbos/postgres-files.ts";
import { toFailure } from "../src/errors.ts";
import { ensureImage, type Image } from "../src/sandbox/providers/docker/image.ts";
import { ensureEngine, installPackages } from "./engine.ts";
import { prepareMicrovms } from "./microvm.ts";
import { createProgress } from "./progress.mjs";
import { isInstalled } from "./run.ts";

const { env } = process;
const isRoot = process.getuid?.() === 0;
const data = chooseDataFolder(env["DUNLIN_DATA_DIR"], { uid: process.getuid?.(), home: homedir() });
const progress = createProgress(process.stdout);

try {
  await mkdir(data, { recursive: true, mode: 0o755 });
  const docker = await progress.part("container engine", async (say) => {
    const { docker, address } = await ensureEngine(env, data, say);
    const { Version } = await docker.version();
    return { value: docker, summary: `${Version} at ${address}` };
  });
  await progress.part("sandbox image", async (say) => {
    const { ref } = await sandboxImage(docker, say);
    return { value: undefined, summary: ref };
  });
  if (process.argv.includes("microvm")) {
    await progress.part("micro-VM", async (say) => ({
      value: undefined,
      summary: await prepareMicrovms(data, say),
    }));
  }
  await progress.part("database", async () => ({ value: undefined, summary: await database() }));
} catch (error) {
  console.error(`\n${toFailure(error).message}`);
  process.exitCode = 1;
}

async function sandboxImage(docker: Docker, say: (step: string) => void): Promise<Image> {
  try {
    return await ensureImage(docker, "node", { onProgress: say });
  } catch (error) {
    const { code, details } = toFailure(error);
    const missing = code === "image-cannot-be-built" && details["missing"] === "mmdebstrap";
    if (!missing || !isRoot || !(await isInstalled("apt-get"))) throw error;
    await installPackages(["mmdebstrap"], say);
    return ensureImage(docker, "node", { onProgress: say });
  }
}

async function database(): Promise<string> {
  if (env["DATABASE_URL"]) return "DATABASE_URL";
  await postgresUser();
  const programs = await installPostgres(join(data, "postgres/programs"));
  return `Postgres ${basename(programs)}`;
}
