import { Failure } from "../../../src/errors.ts";
import type { FileWrite, Sandbox } from "../../../src/sandbox/sandbox.ts";
import { text } from "../shell.ts";
import { type Lies, sandboxes } from "./lie.ts";

const written = (change: (file: FileWrite) => FileWrite) =>
  sandboxes((sandbox) => ({ writeFiles: (files) => sandbox.writeFiles(files.map(change)) }));

/** A read that should be refused gives something. */
const readsAnything = sandboxes((sandbox) => ({
  readFile: (path, options) =>
    sandbox.readFile(path, options).catch((error: unknown) => {
      if (error instanceof Failure) return new Uint8Array();
      throw error;
    }),
}));

/** A write that should be refused is none. */
const writesNothing = sandboxes((sandbox) => ({
  writeFiles: (files) =>
    sandbox.writeFiles(files).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    }),
}));

const inPlace =
  (sandbox: Sandbox, script: string): Sandbox["writeFiles"] =>
  async (files) => {
    for (const { path, data } of files) {
      await sandbox.exec(["/bin/sh", "-c", script, "sh", path], { stdin: data, timeoutMs: 60_000 });
    }
  };

export const FILE_LIES: Lies = {
  "A file comes back as it was written, byte for byte.": sandboxes((sandbox) => ({
    readFile: async (...args) => Buffer.from(text(await sandbox.readFile(...args))),
  })),
  "A file of 40 MiB comes and goes whole.": written((file) => ({
    ...file,
    data: file.data.subarray(0, 32 * 1024 ** 2),
  })),
  "An empty file is a file.": sandboxes((sandbox) => ({
    writeFiles: (files) => sandbox.writeFiles(files.filter(({ data }) => data.length > 0)),
  })),
  "Folders above a written file are made, and commands can write in them.": sandboxes(
    (sandbox) => ({ writeFiles: inPlace(sandbox, 'cat > "$1"') }),
  ),
  "A written file has the mode that was asked for, 644 by itself.": written(({ path, data }) => ({
    path,
    data,
  })),
  "A file that was there is replaced, its mode too.": sandboxes((sandbox) => ({
    writeFiles: inPlace(sandbox, 'mkdir -p "$(dirname "$1")" && dd of="$1" conv=notrunc'),
  })),
  "Names are taken as they are: spaces, line ends, quotes, dashes, other scripts.": written(
    (file) => ({ ...file, path: file.path.replaceAll("\n", " ") }),
  ),
  "2,000 files are written in one call.": sandboxes((sandbox) => ({
    writeFiles: (files) => sandbox.writeFiles(files.slice(0, 1_000)),
  })),
  "A missing file, a folder, a pipe and a device are no file.": readsAnything,
  "A file is read up to the limit, and one above it is refused.": sandboxes((sandbox) => ({
    readFile: async (path, { maxBytes }) =>
      (await sandbox.readFile(path, { maxBytes: 1e9 })).subarray(0, maxBytes),
  })),
  "Paths that are relative, lead upwards, end in a slash or hold a NUL are refused.": writesNothing,
  "A write replaces a link at the file's place, and leaves alone what it points to.": sandboxes(
    (sandbox) => ({ writeFiles: inPlace(sandbox, 'cat > "$1"') }),
  ),
  "A write through a folder that is a link is refused.": sandboxes((sandbox) => ({
    writeFiles: inPlace(sandbox, 'cat > "$1"'),
  })),
  "A write where commands can't write fails, and says so.": writesNothing,
  "A file that only another user may read isn't read for the caller either.": readsAnything,
  "A file that says it has no size is read all the same.": sandboxes((sandbox) => ({
    readFile: async (path, options) => {
      const found = await sandbox.readFile(path, options);
      return path.startsWith("/proc/") ? found.subarray(0, 0) : found;
    },
  })),
};
