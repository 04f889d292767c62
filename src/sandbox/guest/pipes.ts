import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import net from "node:net";

/** A pipe between the guest and a command: our end as a stream, the command's end as a descriptor. */
export type PipeEnd = { readonly ours: net.Socket; readonly theirs: number };

/** Makes the three pipes anew for each command; only one command has them at a time. */
export type Pipes = {
  input(): PipeEnd;
  output(): PipeEnd;
  errors(): PipeEnd;
};

/**
 * Named pipes in a folder that only root can enter. Node gives a child sockets, and those can't be opened again:
 * `echo x > /dev/stdout` would fail in every command. Their mode lets a command reopen its own ends by descriptor.
 */
export function makePipes(folder: string): Pipes {
  const paths = { in: `${folder}/in`, out: `${folder}/out`, err: `${folder}/err` };
  mkdirSync(folder, { mode: 0o700 });
  execFileSync("/usr/bin/mkfifo", ["--mode=606", ...Object.values(paths)]);
  return {
    input: () => openForWriting(paths.in),
    output: () => openForReading(paths.out),
    errors: () => openForReading(paths.err),
  };
}

/** The command's end must block, and opening one end of a pipe blocks until the other is open: ours comes first. */
function openForReading(path: string): PipeEnd {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const theirs = openSync(path, constants.O_WRONLY);
  return { ours: new net.Socket({ fd: reader, readable: true, writable: false }), theirs };
}

function openForWriting(path: string): PipeEnd {
  const opener = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const theirs = openSync(path, constants.O_RDONLY);
  closeSync(opener);
  return { ours: new net.Socket({ fd: writer, readable: false, writable: true }), theirs };
}
