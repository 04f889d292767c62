import { toFailure } from "../errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { WORKSPACE } from "../sandbox/sandbox.ts";
import { roleOf } from "../workspace/file-role.ts";
import type { FileChange } from "../workspace/patch.ts";
import type { ChangedFile, Content } from "./gate.ts";

const MAX_EXAMINED_BYTES = 512 * 1024;

/** Both sides of one changed path; `sandbox` holds the base, untouched. */
export async function changedFile(sandbox: Sandbox, change: FileChange): Promise<ChangedFile> {
  const role = roleOf(change.path);
  return {
    path: change.path,
    role,
    base: await baseContent(sandbox, change.path),
    head: headContent(change),
  };
}

async function baseContent(sandbox: Sandbox, path: string): Promise<Content> {
  try {
    return contentOf(
      await sandbox.readFile(`${WORKSPACE}/${path}`, { maxBytes: MAX_EXAMINED_BYTES }),
    );
  } catch (error) {
    const { code, kind } = toFailure(error);
    if (code === "no-such-file") return { kind: "absent" };
    if (code === "file-too-large") return TOO_LARGE;
    if (kind === "invalid-request") return { kind: "opaque", why: "it was no plain file before" };
    throw error;
  }
}

function headContent(change: FileChange): Content {
  if (change.kind === "delete") return { kind: "absent" };
  if (change.mode === "120000") return { kind: "opaque", why: "it became a symbolic link" };
  return contentOf(change.data);
}

const TOO_LARGE: Content = { kind: "opaque", why: "it is larger than 512 KiB" };

function contentOf(data: Uint8Array): Content {
  if (data.length > MAX_EXAMINED_BYTES) return TOO_LARGE;
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(data) };
  } catch {
    return { kind: "opaque", why: "it is not UTF-8 text" };
  }
}
