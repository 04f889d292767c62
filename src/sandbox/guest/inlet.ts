import type { Writable } from "node:stream";
import { FRAME, type Frame } from "../wire/frame.ts";
import { createReceiveWindow, encodeCredit } from "../wire/window.ts";
import type { Channel } from "./link.ts";

/** Writes what the host sends to a command's standard input; once the command has closed it, into nothing. */
export function createInlet(channel: Channel, stdin: Writable): (frame: Frame) => void {
  const window = createReceiveWindow();
  stdin.on("error", () => stdin.destroy());
  const giveBack = (bytes: number) => {
    const credit = window.consume(bytes);
    if (credit > 0) channel.send(FRAME.window, encodeCredit(credit));
  };
  return ({ type, payload }) => {
    if (type === FRAME.end) {
      stdin.end();
      return;
    }
    window.receive(payload.length);
    if (stdin.destroyed) giveBack(payload.length);
    else stdin.write(payload, () => giveBack(payload.length));
  };
}
