/** Dunlin's process inside a sandbox: runs commands and carries traffic for the host at the other end of its stdio. */
import net from "node:net";
import {
  type BindRequest,
  decodeMessage,
  type ExecRequest,
  type Preparation,
} from "../wire/message.ts";
import { createBinder } from "./bind.ts";
import { createRunner } from "./command.ts";
import { Link } from "./link.ts";
import { makePipes } from "./pipes.ts";
import { serveProxy } from "./proxy.ts";
import { DONE, report } from "./report.ts";
import { createStandby } from "./standby.ts";

/** The host sends a ping every few seconds. */
const SILENCE_MS = 60_000;

const pipes = makePipes("/run/dunlin");
const standby = createStandby(pipes.next);
// Told apart from a breakdown of the guest's own, which ends it with another status.
const leave = (reason: string): never => {
  process.stderr.write(`${reason}\n`);
  process.exit(0);
};
const { run, idle } = createRunner(pipes.now, standby, leave);
const binder = createBinder();
const link = new Link({
  // `process.stdout` blocks on a pipe: a host that stands still would stop our timers.
  input: new net.Socket({ fd: 0, readable: true, writable: false }),
  output: new net.Socket({ fd: 1, readable: false, writable: true }),
  // The host is trusted: what it sends needs no check.
  onOpen(payload, channel) {
    const request = decodeMessage(payload) as ExecRequest | BindRequest | Preparation;
    if ("argv" in request) return run(request, channel);
    if ("bind" in request) binder.bind(request, channel);
    else void prepare(request).then(() => report(channel, DONE));
    return () => {};
  },
  idle,
  silenceMs: SILENCE_MS,
  leave,
});

function prepare({ prepare: what }: Preparation): Promise<void> {
  return what === "bind" ? binder.prepare() : standby.keep();
}

await serveProxy(link);
link.greet();
