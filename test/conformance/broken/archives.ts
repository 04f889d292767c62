import { Failure } from "../../../src/errors.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { type Lies, sandboxes } from "./lie.ts";

const shell = (sandbox: Sandbox, script: string, ...args: readonly string[]) =>
  sandbox.exec(["/bin/sh", "-c", script, "sh", ...args], { timeoutMs: 60_000 });

/** After each archive came in, a command changes what is there. */
const afterwards = (script: string) =>
  sandboxes((sandbox) => ({
    uploadTar: async (folder, tar) => {
      try {
        await sandbox.uploadTar(folder, tar);
      } finally {
        await shell(sandbox, script, folder);
      }
    },
  }));

const swallowed = (sandbox: Sandbox): Partial<Sandbox> => ({
  uploadTar: (folder, tar) =>
    sandbox.uploadTar(folder, tar).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    }),
});

/** What comes out is packed in another way. */
const packed = (script: string) =>
  sandboxes((sandbox) => ({
    async *downloadTar(folder, paths) {
      const { stdout } = await sandbox.exec(["/bin/sh", "-c", script, "sh", ...paths], {
        cwd: folder,
        timeoutMs: 60_000,
        maxOutputBytes: 64 * 1024 ** 2,
      });
      yield stdout;
    },
  }));

const PACK = "tar -c --hard-dereference";

export const ARCHIVE_LIES: Lies = {
  "An archive is unpacked with its files, modes and links, into a folder that is made.":
    afterwards('chmod -R a-x "$1"/*/*'),
  "What an archive brought belongs to the commands, whoever its entries name.": afterwards(
    'chmod 0444 "$1"/*; mv "$1" "$1.theirs"',
  ),
  "An archive can't put anything outside its folder by `..`.": afterwards('touch "$1/../above"'),
  "An archive can't put anything outside its folder by an absolute name.": afterwards(
    'touch /tmp/"$(basename "$1")"',
  ),
  "An archive can't put anything outside its folder by way of its own links.": afterwards(
    'touch "$1/../outside/escaped"',
  ),
  "What is no archive is the caller's mistake.": sandboxes(swallowed),
  "An archive that is cut off is the caller's mistake.": sandboxes(swallowed),
  "An archive of a tree has its bytes, modes and links.": packed(`${PACK} -h "$@"`),
  "An archive holds only the paths that were asked for, whatever they are called.": packed(
    `${PACK} -- *`,
  ),
  "Names that are no valid UTF-8 leave as they are.": packed(
    `${PACK} --transform 's/[^a-z/]/_/g' "$@"`,
  ),
  "Both names of a hard-linked file leave with its content.": packed('tar -c "$@"'),
  "An archive ends at its limit, and says why.": sandboxes((sandbox) => ({
    downloadTar: (folder, paths) => sandbox.downloadTar(folder, paths, { maxBytes: 1e9 }),
  })),
  "A file that is a gigabyte of nothing leaves no further than the limit.":
    packed("head -c 1024 /dev/zero"),
  "A path that isn't there can't be had as an archive.": packed("head -c 1024 /dev/zero"),
  "A reader that stops in the middle of an archive holds nobody up.": sandboxes((sandbox) => {
    let isHeldUp = false;
    return {
      async *downloadTar(...args) {
        isHeldUp = true;
        yield* sandbox.downloadTar(...args);
        isHeldUp = false;
      },
      exec: async (argv, options) => {
        const result = await sandbox.exec(argv, options);
        return isHeldUp ? { ...result, end: "timeout", stdout: new Uint8Array() } : result;
      },
    };
  }),
  "A tree of 3,000 files makes the round trip.": afterwards('rm -f "$1"/*/f77'),
};
