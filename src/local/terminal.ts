/** A step that ended or a note about the one under way, as a run reports them. */
export type Progress =
  | {
      readonly state: "started" | "ended" | "replayed";
      readonly step: string;
      readonly phase: string;
      readonly ms: number;
    }
  | { readonly state: "note"; readonly note: string };

const PHASES: Readonly<Record<string, string>> = {
  prepare: "Prepared",
  clone: "Cloned",
  setUp: "Installed dependencies",
  baseline: "Ran the base's suite, twice",
  verify: "Collected evidence",
  publish: "Wrote the result",
};

/** One aligned line a phase and a turn, and what happens in between if `notes` are wanted. */
export function createProgressLines(
  write: (text: string) => void,
  options: { readonly colour: boolean; readonly notes: boolean },
): (event: Progress) => void {
  const dim = (text: string) => (options.colour ? `\u001b[2m${text}\u001b[22m` : text);
  return (event) => {
    if (event.state === "note") {
      if (options.notes) write(`${dim(`    ${event.note}`)}\n`);
      return;
    }
    if (event.state === "started") return;
    const label = labelOf(event.step, event.phase);
    if (label === undefined) return;
    const again = event.state === "replayed" ? dim("  (done before)") : "";
    write(`  ${label.padEnd(32)}${seconds(event.ms)}${again}\n`);
  };
}

function labelOf(step: string, phase: string): string | undefined {
  const turn = /^turn-(\d+)-(model|tools)$/.exec(step);
  if (turn !== null) return `Turn ${turn[1]}, ${turn[2] === "model" ? "answer" : "tools"}`;
  if (phase === "publish" && step !== "conclude") return undefined;
  return phase === "turns" ? undefined : PHASES[phase];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8);
}
