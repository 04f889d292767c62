import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { extract, type Header, pack } from "tar-stream";
import type { Layer } from "../../src/sandbox/sandbox.ts";

export type ArchiveEntry = Partial<Header> & { readonly name: string; readonly content?: string };

/** A tar of these entries. */
export function archive(...entries: readonly ArchiveEntry[]): AsyncIterable<Uint8Array> {
  const stream = pack();
  for (const { content = "", ...header } of entries) stream.entry(header, content);
  stream.finalize();
  return Readable.from(stream);
}

export async function layer(into: string, ...entries: readonly ArchiveEntry[]): Promise<Layer> {
  const parts: Uint8Array[] = [];
  for await (const part of archive(...entries)) parts.push(part);
  return layerOf(into, Buffer.concat(parts));
}

/** A layer of these bytes, whatever they are. */
export function layerOf(into: string, data: Uint8Array): Layer {
  const digest = `sha256:${createHash("sha256").update(data).digest("hex")}`;
  const open = async function* () {
    yield data;
  };
  return { digest, into, open };
}

export type Unpacked = Pick<Header, "type" | "mode" | "linkname"> & { readonly content: string };

/** What a tar holds, by name; names and contents as latin1, so that every byte is a character. */
export async function unpack(tar: AsyncIterable<Uint8Array>): Promise<Map<string, Unpacked>> {
  const found = new Map<string, Unpacked>();
  const reader = extract(LATIN1);
  const feeding = (async () => {
    for await (const chunk of tar) reader.write(chunk);
    reader.end(undefined);
  })();
  // A broken archive must end the reading too.
  feeding.catch((error: Error) => reader.destroy(error));
  for await (const entry of reader) {
    const parts: Uint8Array[] = [];
    for await (const data of entry) parts.push(data as Uint8Array);
    const { name, type, mode, linkname } = entry.header;
    const content = Buffer.concat(parts).toString("latin1");
    found.set(name, { type, mode, linkname, content });
  }
  await feeding;
  return found;
}

// The library's types don't know of it.
const LATIN1: object = { filenameEncoding: "latin1" };
