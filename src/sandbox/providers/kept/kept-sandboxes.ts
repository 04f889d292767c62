import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { Failure } from "../../../errors.ts";
import { claim, giveUp, isClaimed, isPassing, removePassing } from "./claim.ts";
import { becomeOwner, type Owner } from "./owner.ts";

const shape = z.object({
  id: z.string().min(1),
  /** Opens its wire, hexadecimal. Only who may read this folder has it. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  labels: z.record(z.string(), z.string()),
  isolation: z.object({
    provider: z.string(),
    runtime: z.string(),
    userNamespace: z.boolean(),
    weak: z.boolean(),
    imageDigest: z.string(),
    networkMode: z.literal("none"),
  }),
  /** Whether all that it starts from is in place; its maker may have died before. */
  isReady: z.boolean(),
  /** Of the image, for every command. */
  imageEnv: z.record(z.string(), z.string()).optional(),
});

/** What a process has to know to take over a sandbox that another one made. */
export type KeptRecord = Readonly<z.infer<typeof shape>>;

/** Where one sandbox is recorded; this process has it and no other can. */
export type Place = {
  /** Undefined when there is no such sandbox, or its maker died before it was made. */
  read(): Promise<KeptRecord | undefined>;
  write(record: KeptRecord): Promise<void>;
  remove(): Promise<void>;
};

/** The sandboxes that outlive the processes that made them. */
export type KeptSandboxes = AsyncDisposable & {
  /** The place of the sandbox with this key, or a new one. Throws `invalid-request/in-use`. */
  claimKey(key: string | undefined): Promise<Place>;
  /** Throws `invalid-request/no-such-sandbox` and `invalid-request/in-use`. */
  claimId(id: string): Promise<Place>;
  records(): Promise<readonly KeptRecord[]>;
  /** The sandbox is gone. */
  forget(id: string): Promise<void>;
  /** Removes the places of processes that died before they had made a sandbox. */
  sweep(): Promise<void>;
};

const RECORD = "sandbox.json";

/** Opens the folder that processes share; only its owner may read it. Nothing is written before the first claim. */
export function openKeptSandboxes(folder: string): KeptSandboxes {
  const places = join(folder, "places");
  let owner: Promise<Owner> | undefined;

  const getOwner = () => {
    owner ??= becomeOwner(join(folder, "owners"));
    return owner;
  };

  async function claimPlace(name: string): Promise<Place> {
    const place = join(places, name);
    if (await claim(place, await getOwner())) return placeAt(place);
    throw new Failure(
      "invalid-request",
      "in-use",
      "Another process has this sandbox; end that process or ask it.",
    );
  }

  async function nameOf(id: string): Promise<string | undefined> {
    for (const name of await namesIn(places)) {
      if ((await readRecord(join(places, name)))?.id === id) return name;
    }
    return undefined;
  }

  return {
    claimKey(key) {
      const hash = key === undefined ? undefined : createHash("sha256").update(key).digest("hex");
      return claimPlace(hash === undefined ? `any-${randomUUID()}` : `key-${hash}`);
    },
    async claimId(id) {
      const name = await nameOf(id);
      if (name === undefined) throw noSuchSandbox(id);
      return claimPlace(name);
    },
    async records() {
      const all = (await namesIn(places)).map((name) => readRecord(join(places, name)));
      return (await Promise.all(all)).filter((record) => record !== undefined);
    },
    async forget(id) {
      const name = await nameOf(id);
      if (name !== undefined) await giveUp(join(places, name));
    },
    async sweep() {
      const names = await readPlaces(places);
      for (const name of names) await sweepPlace(join(places, name), await getOwner());
    },
    async [Symbol.asyncDispose]() {
      await (await owner)?.[Symbol.asyncDispose]();
    },
  };
}

export function noSuchSandbox(id: string): Failure {
  return new Failure(
    "invalid-request",
    "no-such-sandbox",
    `There is no sandbox ${id} to connect to; create a new one.`,
  );
}

async function sweepPlace(place: string, owner: Owner): Promise<void> {
  if (isPassing(basename(place))) return removePassing(place, owner);
  if ((await isClaimed(place, owner)) || !(await claim(place, owner))) return;
  if ((await readRecord(place)) === undefined) await placeAt(place).remove();
}

function placeAt(folder: string): Place {
  const file = join(folder, RECORD);
  return {
    read: () => readRecord(folder),
    async write(record) {
      await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    remove: () => giveUp(folder),
  };
}

async function namesIn(places: string): Promise<readonly string[]> {
  return (await readPlaces(places)).filter((name) => !isPassing(name));
}

async function readPlaces(places: string): Promise<readonly string[]> {
  return readdir(places).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

async function readRecord(place: string): Promise<KeptRecord | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(join(place, RECORD), "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
