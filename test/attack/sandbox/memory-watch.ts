import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LOOK_EVERY_MS = 50;

export type MemoryWatch = {
  /** How much larger this process became than it was at the start, at its largest. */
  grownMiB(): number;
};

/** Collects garbage, then watches this process's resident memory until it is asked. */
export function watchMemory(): MemoryWatch {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    grownMiB() {
      clearInterval(timer);
      look();
      return Math.round((most - before) / 1024 / 1024);
    },
  };
}
