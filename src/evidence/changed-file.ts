import { toFailure } from "../errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { WORKSPACE } from "../sandbox/sandbox.ts";
import { type FileRole, roleOf } from "../workspace/file-role.ts";
import type { FileChange } from "../workspace/patch.ts";
import type { ChangedFile, Content } from "./gate.ts";

const MAX_EXAMINED_BYTES = 512 * 1024;
/** They are long, and all of their entries count. */
const MAX_LOCK_BYTES = 8 * 1024 ** 2;

/** Both sides of one changed path; `sandbox` holds the base, untouched. */
export async function changedFile(sandbox: Sandbox, change: FileChange): Promise<ChangedFile> {
  const role = roleOf(change.path);
  return {
    path: change.path,
    role,
    base: await baseContent(sandbox, change.path, maxBytesOf(role)),
    head: headContent(change, maxBytesOf(role)),
  };
}

function maxBytesOf(role: FileRole): number {
  return role === "lock" ? MAX_LOCK_BYTES : MAX_EXAMINED_BYTES;
}

async function baseContent(sandbox: Sandbox, path: string, maxBytes: number): Promise<Content> {
  try {
    return contentOf(await sandbox.readFile(`${WORKSPACE}/${path}`, { maxBytes }), maxBytes);
  } catch (error) {
    const { code, kind } = toFailure(error);
    if (code === "no-such-file") return { kind: "absent" };
    if (code === "file-too-large") return tooLarge(maxBytes);
    if (kind === "invalid-request") return { kind: "opaque", why: "it was no plain file before" };
    throw error;
  }
}

function headContent(change: FileChange, maxBytes: number): Content {
  if (change.kind === "delete") return { kind: "absent" };
  if (change.mode === "120000") return { kind: "opaque", why: "it became a symbolic link" };
  return contentOf(change.data, maxBytes);
}

function tooLarge(maxBytes: number): Content {
  return { kind: "opaque", why: `it is larger than ${maxBytes / 1024} KiB` };
}

function contentOf(data: Uint8Array, maxBytes: number): Content {
  if (data.length > maxBytes) return tooLarge(maxBytes);
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(data) };
  } catch {
    return { kind: "opaque", why: "it is not UTF-8 text" };
  }
}
