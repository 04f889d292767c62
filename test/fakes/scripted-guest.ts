import { PassThrough } from "node:stream";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameType,
} from "../../src/sandbox/wire/frame.ts";
import { encodeMessage, WIRE_VERSION } from "../../src/sandbox/wire/message.ts";

/** The far end of a wire in a test's hands: says what the test tells it to, lies included. */
export type ScriptedGuest = {
  readonly output: PassThrough;
  readonly input: PassThrough;
  say(type: FrameType, stream: number, payload?: Uint8Array): void;
  /** The next frame of the type that the host sends, or has sent unseen. */
  hear(type: FrameType): Promise<Frame>;
};

export function createScriptedGuest({ version = WIRE_VERSION } = {}): ScriptedGuest {
  const output = new PassThrough();
  const input = new PassThrough();
  const decoder = createFrameDecoder();
  const unseen: Frame[] = [];
  const waiting: { type: FrameType; resolve: (frame: Frame) => void }[] = [];
  input.on("data", (chunk: Uint8Array) => {
    for (const frame of decoder.push(chunk)) {
      const index = waiting.findIndex(({ type }) => type === frame.type);
      if (index === -1) unseen.push(frame);
      else waiting.splice(index, 1)[0]?.resolve(frame);
    }
  });
  const say: ScriptedGuest["say"] = (type, stream, payload) => {
    output.write(encodeFrame(type, stream, payload));
  };
  say(FRAME.hello, 0, encodeMessage({ version }));
  return {
    output,
    input,
    say,
    hear(type) {
      const index = unseen.findIndex((frame) => frame.type === type);
      const [frame] = index === -1 ? [] : unseen.splice(index, 1);
      if (frame !== undefined) return Promise.resolve(frame);
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
  };
}
