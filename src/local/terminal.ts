/** A step that ended or a note about the one under way, as a run reports them. */
export type Progress = StepProgress | { readonly state: "note"; readonly note: string };

type StepProgress = {
  readonly state: "started" | "ended" | "replayed";
  readonly step: string;
  readonly phase: string;
  readonly ms: number;
  readonly failed?: true;
};

const PHASES: Readonly<Record<string, string>> = {
  prepare: "Look at the repository",
  clone: "Clone it",
  setUp: "Install its dependencies",
  baseline: "Run its tests, twice",
  verify: "Collect evidence",
  publish: "Write the result",
};

export type ProgressOptions = {
  readonly colour: boolean;
  /** Also what happens within a step. */
  readonly notes: boolean;
  /** Shows the step under way in a last line that is written over: for a terminal only. */
  readonly live: boolean;
};

/** One aligned line a phase and a turn. */
export function createProgressLines(
  write: (text: string) => void,
  { colour, notes, live }: ProgressOptions,
): (event: Progress) => void {
  const dim = (text: string) => (colour && text !== "" ? `\u001b[2m${text}\u001b[22m` : text);
  let underWay = "";
  const line = (text: string, next: string) => {
    write(`${underWay === "" ? "" : "\r\u001b[K"}${text}${next}`);
    underWay = next;
  };
  const onStep = (event: StepProgress, label: string) => {
    if (event.state === "started") {
      if (live) line("", `  ${label} …`);
      return;
    }
    line(`  ${label.padEnd(30)}${seconds(event.ms)}${dim(remarkOn(event))}\n`, "");
  };
  return (event) => {
    if (event.state === "note") {
      if (notes) line(`${dim(`    ${printable(event.note)}`)}\n`, underWay);
      return;
    }
    const label = labelOf(event.step, event.phase);
    if (label !== undefined) onStep(event, label);
  };
}

function remarkOn({ state, failed }: StepProgress): string {
  if (failed) return "  failed";
  return state === "replayed" ? "  (done before)" : "";
}

/** Text of others without what a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => (/[\n\t]/.test(character) ? character : "�"));
}

function labelOf(step: string, phase: string): string | undefined {
  const turn = /^turn-(\d+)-(model|tools)$/.exec(step);
  if (turn !== null) return `Turn ${turn[1]}, ${turn[2] === "model" ? "answer" : "tools"}`;
  if (phase === "publish" && step !== "propose") return undefined;
  return phase === "turns" ? undefined : PHASES[phase];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8);
}
