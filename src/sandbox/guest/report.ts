import { FRAME } from "../wire/frame.ts";
import { type ExecReport, encodeMessage } from "../wire/message.ts";
import type { Channel } from "./link.ts";

/** How something ended that wasn't a command and went well. */
export const DONE = { end: "exit", exitCode: 0, signal: null, outOfMemory: false } as const;

/** The last frame of a channel. */
export function report(channel: Channel, result: ExecReport): void {
  channel.close();
  channel.send(FRAME.result, encodeMessage(result));
}
