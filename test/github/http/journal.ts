import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { git, gitEnvironment } from "../world/git.ts";
import type { AuthKind } from "./access.ts";

/** One request as it arrived; the later fields fill in as it is answered. */
export type RecordedRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  auth: AuthKind;
  /** GitHub's operation, for example `issues/create`, or git's service. */
  operation: string | undefined;
  body: Buffer;
  /** A git request's body is here instead, as it came over the wire. */
  bodyFile: string | undefined;
  /** Undefined until answered; 0 when the connection was cut instead. */
  status: number | undefined;
};

export type Received = { readonly from: string; readonly bytes: Buffer };

/**
 * Every byte that clients sent, in pieces that hold whole things: a request's head, a body, a pushed git object. What a
 * refused push brought is among them. A piece is held in memory while it is looked at.
 */
export async function* receivedPieces(
  requests: readonly RecordedRequest[],
  repositories: readonly string[],
): AsyncGenerator<Received> {
  for (const request of requests) {
    const from = `${request.method} ${request.path}`;
    yield { from: `head of ${from}`, bytes: Buffer.from(JSON.stringify([from, request.headers])) };
    if (request.bodyFile) yield* gitPieces(from, request, request.bodyFile, repositories);
    else yield { from: `body of ${from}`, bytes: request.body };
  }
}

async function* gitPieces(
  from: string,
  request: RecordedRequest,
  file: string,
  repositories: readonly string[],
): AsyncGenerator<Received> {
  const start = await packOffset(file);
  if (start === undefined) {
    const bytes = await readFile(file);
    const zipped = request.headers["content-encoding"] === "gzip";
    return yield { from: `body of ${from}`, bytes: zipped ? gunzipSync(bytes) : bytes };
  }
  yield { from: `commands of ${from}`, bytes: (await readFile(file)).subarray(0, start) };
  const scratch = await mkdtemp(`${file}-`);
  try {
    await git(scratch, ["init", "--bare", "--quiet"]);
    await storePack(scratch, file, start, repositories);
    yield* objectPieces(scratch, `object pushed by ${from}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where the pack begins: after the commands and their flush packet. Undefined when nothing was pushed. */
async function packOffset(file: string): Promise<number | undefined> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(1024 * 1024);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const at = head.subarray(0, bytesRead).indexOf("0000PACK");
    return at < 0 ? undefined : at + 4;
  } finally {
    await handle.close();
  }
}

/** A thin pack builds on objects that the repository has: those few are borrowed and stored with the rest. */
async function storePack(
  folder: string,
  file: string,
  start: number,
  repositories: readonly string[],
): Promise<void> {
  const borrowed = repositories.map((one) => join(one, "objects")).join(delimiter);
  const child = spawn("git", ["index-pack", "--stdin", "--fix-thin"], {
    cwd: folder,
    env: { ...gitEnvironment(), GIT_ALTERNATE_OBJECT_DIRECTORIES: borrowed },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const closed = once(child, "close");
  // Git closes its input as soon as it has the pack's end; whether it got all of it, its exit code tells.
  await pipeline(createReadStream(file, { start }), child.stdin).catch(() => {});
  const [code] = await closed;
  if (code !== 0) throw new Error(`git index-pack ended with ${code} for ${file}.`);
}

/** Reads `ID TYPE SIZE`, a newline, the object and a newline, over and over. */
async function* objectPieces(folder: string, from: string): AsyncGenerator<Received> {
  const child = spawn("git", ["cat-file", "--batch", "--batch-all-objects"], {
    cwd: folder,
    env: gitEnvironment(),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const reader = new ByteReader(child.stdout);
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return;
    const [id, type, size] = line.split(" ");
    const bytes = await reader.take(Number(size));
    await reader.take(1);
    yield { from: `${from}: ${type} ${id}`, bytes };
  }
}

/** Takes lines and counted bytes off a stream, each byte copied once or twice however large a piece is. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) return (await this.take(end + 1)).subarray(0, end).toString();
      const { done, value } = await this.#source.next();
      if (done) return undefined;
      this.#rest = Buffer.concat([this.#rest, value]);
    }
  }

  async take(size: number): Promise<Buffer> {
    const parts = [this.#rest];
    let have = this.#rest.length;
    while (have < size) {
      const { done, value } = await this.#source.next();
      if (done) throw new Error("The stream ended in the middle of an object.");
      parts.push(value);
      have += value.length;
    }
    const all = Buffer.concat(parts);
    this.#rest = all.subarray(size);
    return all.subarray(0, size);
  }
}
