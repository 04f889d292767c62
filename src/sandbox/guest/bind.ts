import { spawn } from "node:child_process";
import { FRAME } from "../wire/frame.ts";
import { type BindRequest, type ExecReport, encodeMessage } from "../wire/message.ts";
import type { Channel, FrameHandler } from "./link.ts";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Shows one folder at another place, too, with the image's own program: Node has no call for it. */
export function bind({ bind: folder, at }: BindRequest, channel: Channel): FrameHandler {
  const options = { env: { PATH }, stdio: "ignore" } as const;
  const child = spawn("mount", ["--no-mtab", "--bind", folder, at], options);
  const answer = (report: ExecReport) => {
    channel.close();
    channel.send(FRAME.result, encodeMessage(report));
  };
  child.on("error", ({ message }) =>
    answer({ end: "not-started", reason: "no-process", detail: message.slice(0, 200) }),
  );
  child.on("exit", (exitCode, signal) =>
    answer({ end: signal === null ? "exit" : "signal", exitCode, signal, outOfMemory: false }),
  );
  return () => {};
}
