/** Dunlin's process inside a sandbox: runs commands and carries traffic for the host at the other end of its stdio. */
import { FRAME } from "../wire/frame.ts";
import { decodeMessage, type ExecRequest, encodeMessage, WIRE_VERSION } from "../wire/message.ts";
import { createRunner } from "./command.ts";
import { connectToHost } from "./link.ts";
import { makePipes } from "./pipes.ts";
import { serveProxy } from "./proxy.ts";

/** The host sends a ping every few seconds. */
const SILENCE_MS = 120_000;

const runCommand = createRunner(makePipes("/run/dunlin"));

const link = connectToHost((payload, channel) => {
  // The host is trusted: what it sends needs no check.
  return runCommand(decodeMessage(payload) as ExecRequest, channel);
}, SILENCE_MS);

await serveProxy(link);
link.send(FRAME.hello, encodeMessage({ version: WIRE_VERSION }));
