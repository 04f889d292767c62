import { buffer } from "node:stream/consumers";
import { extract, type Header, pack } from "tar-stream";
import { Failure } from "../../errors.ts";
import { byPath } from "../../workspace/patch.ts";
import type { BundleFile } from "../manifest.ts";

/** Far above what an honest bundle holds. */
export const ARCHIVE_LIMITS = { files: 500, fileBytes: 64 << 20, bytes: 256 << 20 } as const;

const MODE = 0o644;
const PATH = /^(?:[\w-]+\/)?[\w-][\w.-]*$/;
const MAX_PATH = 99;

/** The files as a tar archive: sorted, without times and owners, so that the same files are always the same bytes. */
export async function packArchive(files: readonly BundleFile[]): Promise<Uint8Array> {
  const archive = pack();
  const whole = buffer(archive);
  for (const { path, data } of files.toSorted(byPath)) {
    archive.entry(
      { name: path, mode: MODE, mtime: new Date(0), size: data.length },
      Buffer.from(data),
    );
  }
  archive.finalize();
  return whole;
}

/**
 * The files of an archive that `packArchive` wrote, byte for byte. Writes nothing to disk. Throws
 * `invalid-request/bundle-refused`, which names the entry that is not as it should be.
 */
export async function unpackArchive(bytes: Uint8Array): Promise<readonly BundleFile[]> {
  if (bytes.length > ARCHIVE_LIMITS.bytes) throw refuse("The archive is larger than 256 MiB.");
  const all = await readEntries(bytes);
  if (Buffer.compare(await packArchive(all), bytes) === 0) return all;
  throw refuse(differenceOf(all.map(({ path }) => path)));
}

async function readEntries(bytes: Uint8Array): Promise<readonly BundleFile[]> {
  const files = new Map<string, BundleFile>();
  const reader = extract();
  reader.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  try {
    for await (const entry of reader) {
      const path = admit(entry.header, files);
      files.set(path, { path, data: await buffer(entry) });
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refuse(
      `The archive can't be read to its end (${why}): it was cut off, or it is no tar archive.`,
    );
  }
  return [...files.values()];
}

/** Looked at before a byte of the content is. */
function admit({ name, type, size = 0 }: Header, known: ReadonlyMap<string, unknown>): string {
  const shown = JSON.stringify(name.slice(0, 200));
  if (type !== "file") throw refuse(`The entry ${shown} is a ${type}, not a file.`);
  if (name.length > MAX_PATH || !PATH.test(name))
    throw refuse(`The entry ${shown} has a name that no bundle has.`);
  if (known.has(name)) throw refuse(`The entry ${shown} is there twice.`);
  if (known.size >= ARCHIVE_LIMITS.files)
    throw refuse(`There are too many entries, such as ${shown}.`);
  if (size > ARCHIVE_LIMITS.fileBytes) throw refuse(`The entry ${shown} is larger than 64 MiB.`);
  return name;
}

/** Every entry was good, and yet Dunlin would have written the archive otherwise. */
function differenceOf(paths: readonly string[]): string {
  const sorted = paths.toSorted((a, b) => (a < b ? -1 : 1));
  const at = paths.findIndex((path, index) => path !== sorted[index]);
  if (at >= 0) return `The order of the entries was changed: "${paths[at]}" is out of place.`;
  return "The archive holds something beside its files: data after its end, or owners, times or other facts in its headers.";
}

function refuse(message: string): Failure {
  return new Failure("invalid-request", "bundle-refused", message);
}
