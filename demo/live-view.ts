import { createProgressLines, type Progress } from "../src/local/terminal.ts";
import type { LogLine } from "../test/e2e/dunlin-process.ts";

export type LiveView = {
  heading(text: string): void;
  say(text: string): void;
  /** A line of Dunlin's own log, shown if it tells about the run. */
  follow(line: LogLine): void;
};

/** Calm lines on standard output, in colour only on a terminal. */
export function createLiveView(): LiveView {
  const colour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
  const bold = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const show = createProgressLines((text) => process.stdout.write(text), {
    colour,
    notes: true,
    live: process.stdout.isTTY === true,
  });
  return {
    heading: (text) => console.log(`\n${bold(text)}`),
    say: (text) => console.log(text),
    follow(line) {
      if (line.msg === "progress") show(line as unknown as Progress);
    },
  };
}
