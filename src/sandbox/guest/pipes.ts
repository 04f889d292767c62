import { execFileSync } from "node:child_process";
import { constants, mkdirSync, openSync } from "node:fs";
import net from "node:net";

/** A pipe that a command writes to: our end as a stream, the command's end as a descriptor. */
export type PipeEnd = { readonly ours: net.Socket; readonly theirs: number };

/** Opens the pipes anew for each command; only one command has them at a time. */
export type Pipes = {
  output(): PipeEnd;
  errors(): PipeEnd;
};

/**
 * Named pipes in a folder that only root can enter, for a command and for the one that may wait meanwhile. Node gives a
 * child sockets, and those can't be opened again: `echo x > /dev/stdout` would fail in every command. Their mode lets a
 * command reopen its own ends by descriptor.
 */
export function makePipes(folder: string): { readonly now: Pipes; readonly next: Pipes } {
  const paths = (who: string) => ({ out: `${folder}/${who}-out`, err: `${folder}/${who}-err` });
  const [now, next] = [paths("now"), paths("next")];
  mkdirSync(folder, { mode: 0o700 });
  execFileSync("/usr/bin/mkfifo", ["--mode=606", now.out, now.err, next.out, next.err]);
  const pipes = ({ out, err }: { readonly out: string; readonly err: string }): Pipes => ({
    output: () => openPipe(out),
    errors: () => openPipe(err),
  });
  return { now: pipes(now), next: pipes(next) };
}

/** The command's end must block, and opening one end of a pipe blocks until the other is open: ours comes first. */
function openPipe(path: string): PipeEnd {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const theirs = openSync(path, constants.O_WRONLY);
  return { ours: new net.Socket({ fd: reader, readable: true, writable: false }), theirs };
}
