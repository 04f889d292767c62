import type { AcknowledgeFigures } from "./acknowledge.ts";
import type { Spread } from "./figures.ts";
import type { Finding } from "./finding.ts";
import type { GuestFigures } from "./guest.ts";
import type { Machine } from "./machine.ts";
import type { TurnFigures } from "./turns/measure-turns.ts";

/** What `--json` writes. Times in milliseconds. */
export type Report = {
  readonly at: string;
  readonly machine: Machine;
  readonly loadBefore: readonly number[];
  readonly turns: readonly TurnFigures[];
  readonly guest: readonly GuestFigures[];
  readonly findings: readonly Finding[];
  /** Parts that this machine can't do, with the reason. */
  readonly notMeasured: readonly string[];
  readonly acknowledge?: AcknowledgeFigures;
  readonly loadAfter: readonly number[];
};

export function machineText({ machine }: Pick<Report, "machine">): string {
  const { cpus, cpu, memoryGiB, kernel, node, engine, commit } = machine;
  return `${cpus} × ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, ${engine}, Dunlin at ${commit}`;
}

export function turnsText(figures: TurnFigures): string {
  const { runtime, rounds, turns, ratio, overheadMsATurn, dunlinMs, scriptMs } = figures;
  const row = (name: string, cells: readonly string[]) =>
    `    ${name.padEnd(16)}${cells.map((cell) => cell.padStart(10)).join("")}`;
  const steps = figures.steps.map((step) =>
    row(step.name, [step.dunlinMs, step.scriptMs, step.dunlinMs - step.scriptMs].map(ms)),
  );
  return [
    `Turns on ${runtime}: ${range(ratio, "×")} the bare script's time, ${range(overheadMsATurn, " ms")} more a turn`,
    `  ${rounds} rounds of ${turns} turns: Dunlin ${range(dunlinMs, " ms")}, script ${range(scriptMs, " ms")}; loads ${loads(figures)}`,
    `  to a script whose tests have no reporters (${range(figures.plainScriptMs, " ms")}): ${range(figures.ratioToPlain, "×")}`,
    `  of Dunlin's: model answers ${ms(figures.modelMs)} ms, waiting for the sandbox ${ms(figures.waitForSandboxMs)} ms`,
    row("median ms", ["Dunlin", "script", "more"]),
    ...steps,
  ].join("\n");
}

export function guestText(figures: GuestFigures): string {
  const { runtime, rounds, pairsARound, ratio, guestMs, hostMs } = figures;
  return [
    `A command through the guest on ${runtime}: ${range(ratio, "×")} a child process of the host's`,
    `  ${rounds} rounds of ${pairsARound} pairs: guest ${range(guestMs, " ms")}, host ${range(hostMs, " ms")}; loads ${loads(figures)}`,
  ].join("\n");
}

export function acknowledgeText(figures: AcknowledgeFigures): string {
  const { deliveries, acknowledged, p50Ms, p99Ms, load, killed } = figures;
  return [
    `Acknowledgement of ${deliveries} deliveries at once: p50 ${ms(p50Ms)} ms, p99 ${ms(p99Ms)} ms`,
    `  ${acknowledged} acknowledged, load ${load.toFixed(1)}`,
    `  killed in the middle: ${killed.acknowledged} acknowledged, ${killed.unanswered} not, ${killed.acknowledgedButNotStored} acknowledged but not in the database`,
  ].join("\n");
}

export function findingText(finding: Finding): string {
  const { id, runtime, what, unit, figure, spread, rounds, parts } = finding;
  const sides = Object.entries(parts).map(([name, of]) => `${name} ${range(of, partUnit(unit))}`);
  return [
    `${id} on ${runtime}: ${show(figure, unit)} (${show(spread.min, unit)}–${show(spread.max, unit)}): ${what}`,
    `  n = ${rounds}: ${sides.join(", ")}; loads ${loads(finding)}`,
  ].join("\n");
}

function partUnit(unit: Finding["unit"]): string {
  return unit === "×" ? " ms" : unit;
}

/** A figure with its unit; small ratios with more places. */
export function show(figure: number, unit: string): string {
  if (unit !== "×") return `${ms(figure)}${unit}`;
  return `${figure.toFixed(Math.abs(figure) < 0.2 ? 4 : 2)}${unit}`;
}

function range({ median, min, max }: Spread, unit: string): string {
  const bare = (figure: number) => (unit === "×" ? figure.toFixed(2) : ms(figure));
  return `${bare(median)}${unit} (${bare(min)}–${bare(max)})`;
}

function loads({ loads: all }: { readonly loads: readonly number[] }): string {
  return `${Math.min(...all).toFixed(1)}–${Math.max(...all).toFixed(1)}`;
}

function ms(figure: number): string {
  return figure < 100 ? figure.toFixed(1) : String(Math.round(figure));
}
