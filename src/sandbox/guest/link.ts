import net from "node:net";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameType,
} from "../wire/frame.ts";

/** One stream of the wire, seen from inside the sandbox. */
export type Channel = {
  send(type: FrameType, payload?: Uint8Array): void;
  /** Frames that still come for it are dropped. */
  close(): void;
};

export type FrameHandler = (frame: Frame) => void;

export type Link = {
  /** Opens a stream of the guest's own. */
  open(handler: FrameHandler, request: Uint8Array): Channel;
};

/** An `open` by the host; returns who gets the stream's further frames. */
export type HostOpen = (request: Uint8Array, channel: Channel) => FrameHandler;

/**
 * Connects descriptors 0 and 1 to the host. Ends the process when the host is gone (a sandbox dies with Dunlin), breaks
 * the protocol, or stays silent for `silenceMs`.
 */
export function connectToHost(onOpen: HostOpen, silenceMs: number): Link & Channel {
  // `process.stdout` blocks on a pipe: a host that stands still would stop our timers.
  const input = new net.Socket({ fd: 0, readable: true, writable: false });
  const output = new net.Socket({ fd: 1, readable: false, writable: true });
  const decoder = createFrameDecoder();
  const handlers = new Map<number, FrameHandler>();
  let nextStream = 2;

  const channel = (stream: number): Channel => ({
    send: (type, payload) => output.write(encodeFrame(type, stream, payload)),
    close: () => handlers.delete(stream),
  });

  function receive(frame: Frame): void {
    if (frame.type === FRAME.ping) channel(frame.stream).send(FRAME.pong, frame.payload);
    else if (frame.type === FRAME.open) {
      handlers.set(frame.stream, onOpen(frame.payload, channel(frame.stream)));
    } else handlers.get(frame.stream)?.(frame);
  }

  let silence = setTimeout(leave, silenceMs);
  input.on("data", (chunk) => {
    clearTimeout(silence);
    silence = setTimeout(leave, silenceMs);
    for (const frame of decoder.push(chunk)) receive(frame);
  });
  for (const stream of [input, output]) stream.on("error", leave).on("close", leave);

  return {
    ...channel(0),
    open(handler, request) {
      const stream = nextStream;
      nextStream += 2;
      handlers.set(stream, handler);
      channel(stream).send(FRAME.open, request);
      return channel(stream);
    },
  };
}

function leave(): void {
  process.exit(0);
}
