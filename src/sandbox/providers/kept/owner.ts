import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";

/** Somebody who holds things in a folder that several processes share, as long as it lives. */
export type Owner = AsyncDisposable & {
  readonly name: string;
  /** Whether the owner of this name lives. True when it can't be known: nothing is taken from a living one. */
  isAlive(name: string): Promise<boolean>;
};

/** The kernel's limit on a socket's path, less what a name takes. */
const MAX_FOLDER_BYTES = 85;
const SUFFIX = ".sock";

/**
 * Becomes an owner: a socket in `folder` answers while this process lives, also when it stands still, and no longer.
 * Process ids would mislead where processes in several containers share the folder. Doesn't keep the process alive.
 */
export async function becomeOwner(folder: string): Promise<Owner> {
  if (Buffer.byteLength(folder) > MAX_FOLDER_BYTES) {
    throw new Failure(
      "invalid-request",
      "data-folder",
      `The path ${folder} is too long for a socket; choose a shorter one (\`stateFolder\`, or DUNLIN_DATA_DIR).`,
    );
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = randomBytes(6).toString("hex");
  const server = net.createServer((socket) => socket.destroy());
  // A socket that doesn't listen yet would look like one that nobody holds any more.
  const draft = join(folder, `${name}.new`);
  const socket = join(folder, `${name}${SUFFIX}`);
  server.listen(draft);
  await once(server, "listening");
  await rename(draft, socket);
  server.unref();
  await removeDeadOwners(folder);
  return {
    name,
    isAlive: async (other) => other === name || answers(folder, other),
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
      await rm(socket, { force: true });
    },
  };
}

/** What killed processes have left. */
async function removeDeadOwners(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    if (!file.endsWith(SUFFIX)) continue;
    if (await answers(folder, file.slice(0, -SUFFIX.length))) continue;
    await rm(join(folder, file), { force: true });
  }
}

function answers(folder: string, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(join(folder, `${name}${SUFFIX}`));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}
