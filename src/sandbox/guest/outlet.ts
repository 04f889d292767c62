import type net from "node:net";
import { FRAME, MAX_PAYLOAD_BYTES } from "../wire/frame.ts";
import { createSendWindow } from "../wire/window.ts";
import type { Channel } from "./link.ts";

/** Output of one command on its way to the host. */
export type Outlet = {
  /** Text of the guest's own, e.g. why the program can't be run. */
  write(fd: 1 | 2, data: Uint8Array): void;
  /** The host took `bytes`. Throws when it takes more than it got. */
  grant(bytes: number): void;
  /** Nobody takes it any more: what comes is read and forgotten. */
  discard(): void;
  /** Settles when both sources have ended and all of it has been sent. */
  readonly drained: Promise<void>;
};

/** Sends what both sources give; they stand still while the host has no room. */
export function createOutlet(channel: Channel, stdout: net.Socket, stderr: net.Socket): Outlet {
  const sources = [stdout, stderr];
  const window = createSendWindow();
  const waiting: { fd: 1 | 2; data: Uint8Array }[] = [];
  let open = sources.length;
  let isDiscarded = false;
  const { promise: drained, resolve } = Promise.withResolvers<void>();

  function send(): void {
    for (let next = waiting[0]; next !== undefined && window.available() > 0; next = waiting[0]) {
      const part = next.data.subarray(0, Math.min(window.available(), MAX_PAYLOAD_BYTES - 1));
      window.spend(part.length);
      channel.send(FRAME.data, tagged(next.fd, part));
      next.data = next.data.subarray(part.length);
      if (next.data.length === 0) waiting.shift();
    }
  }

  function flush(): void {
    send();
    for (const source of sources) {
      if (waiting.length > 0) source.pause();
      else source.resume();
    }
    if (open === 0 && waiting.length === 0) resolve();
  }

  function write(fd: 1 | 2, data: Uint8Array): void {
    if (!isDiscarded) waiting.push({ fd, data });
    flush();
  }

  stdout.on("data", (data: Uint8Array) => write(1, data));
  stderr.on("data", (data: Uint8Array) => write(2, data));
  for (const source of sources) {
    source.on("error", () => source.destroy());
    source.on("close", () => {
      open -= 1;
      flush();
    });
  }

  return {
    write,
    drained,
    grant(bytes) {
      window.grant(bytes);
      flush();
    },
    discard() {
      isDiscarded = true;
      waiting.length = 0;
      flush();
    },
  };
}

function tagged(fd: number, data: Uint8Array): Uint8Array {
  const payload = new Uint8Array(1 + data.length);
  payload[0] = fd;
  payload.set(data, 1);
  return payload;
}
