import { z } from "zod";
import { Failure } from "../errors.ts";
import { byPath, type FileChange, PATCH_LIMITS, type Patch } from "./patch.ts";
import { joinBytes } from "./records.ts";
import { decodeUtf8 } from "./utf8.ts";

const HEADER = "dunlin-patch 1\n";
const Sha = z.string().regex(/^[0-9a-f]{40}$/);
const Manifest = z.strictObject({
  baseSha: Sha,
  changes: z
    .array(
      z.discriminatedUnion("kind", [
        z.strictObject({ path: z.string(), kind: z.literal("delete") }),
        z.strictObject({
          path: z.string(),
          kind: z.literal("write"),
          mode: z.enum(["100644", "100755", "120000"]),
          bytes: z.int().min(0).max(PATCH_LIMITS.fileBytes),
        }),
      ]),
    )
    .max(PATCH_LIMITS.files),
});

/**
 * A patch as bytes, the same for the same patch: a header line, one line of JSON that names each change and its size,
 * then the contents one after the other.
 */
export function encodePatch(patch: Patch): Uint8Array {
  const changes = patch.changes.toSorted(byPath);
  const manifest = {
    baseSha: patch.baseSha,
    changes: changes.map((change) =>
      change.kind === "delete"
        ? { path: change.path, kind: change.kind }
        : { path: change.path, kind: change.kind, mode: change.mode, bytes: change.data.length },
    ),
  };
  const head = new TextEncoder().encode(`${HEADER}${JSON.stringify(manifest)}\n`);
  const contents = changes.map((change) =>
    change.kind === "delete" ? new Uint8Array() : change.data,
  );
  return joinBytes([head, ...contents]);
}

/** The other way. Throws `bug/patch-corrupt` for anything that `encodePatch` would not have written. */
export function decodePatch(bytes: Uint8Array): Patch {
  const start = new TextEncoder().encode(HEADER).length;
  const end = bytes.indexOf(0x0a, start);
  if (end === -1 || text(bytes.subarray(0, start)) !== HEADER) throw corrupt();
  const manifest = Manifest.safeParse(parseJson(text(bytes.subarray(start, end))));
  if (!manifest.success) throw corrupt(manifest.error);
  let offset = end + 1;
  const changes = manifest.data.changes.map((change): FileChange => {
    if (change.kind === "delete") return change;
    const { path, kind, mode } = change;
    const data = bytes.slice(offset, offset + change.bytes);
    if (data.length !== change.bytes) throw corrupt();
    offset += change.bytes;
    return { path, kind, mode, data };
  });
  const ordered = changes.every(
    (change, index) => index === 0 || byPath(changes[index - 1] ?? change, change) < 0,
  );
  if (offset !== bytes.length || !ordered) throw corrupt();
  return { baseSha: manifest.data.baseSha, changes };
}

function text(bytes: Uint8Array): string {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) throw corrupt();
  return decoded;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw corrupt(error);
  }
}

function corrupt(cause?: unknown): Failure {
  const message = "A stored patch can't be read. Start the run again; the log names the artifact.";
  return new Failure("bug", "patch-corrupt", message, { cause });
}
