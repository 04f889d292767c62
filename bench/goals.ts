import type { Finding } from "./finding.ts";
import { type Report, show } from "./report.ts";
import type { TurnFigures } from "./turns/measure-turns.ts";

type Most = { readonly runc?: number; readonly gvisor?: number; readonly other?: number };

/** By a finding's id: the most that each kind of runtime may need; where none is named, it is only reported. */
const MOST: Readonly<Record<string, Most>> = {
  claim: { runc: 0.03, gvisor: 0.1 },
  "claim-tail": { runc: 1.5, gvisor: 1.5 },
  workspace: { runc: 0.1, gvisor: 0.1 },
  fork: { runc: 1.3, gvisor: 1.3 },
  "dependencies-mount": { runc: 0.002, gvisor: 0.002 },
  "dependencies-copy": { runc: 0.2, gvisor: 0.2 },
  "resume-paused": { runc: 60, gvisor: 150 },
  "resume-paused-cold": { runc: 0.02, gvisor: 0.02 },
  "resume-kept": { runc: 60, gvisor: 150 },
  "resume-kept-cold": { runc: 0.02, gvisor: 0.02 },
  together: { runc: 1.1, gvisor: 1.1 },
  timeout: { runc: 2 },
  "timeout-tail": { gvisor: 60 },
  memory: { runc: 20 },
  microvm: { other: 500 },
  "microvm-cold": { other: 5_000 },
};

const GOALS = { turnsRatio: 1.2, guestRatio: 1.2, acknowledgeP99Ms: 1000 } as const;

/** A figure that is not as good as it should be, and what is known about why. */
export type Miss = {
  readonly goal: string;
  readonly figure: string;
  readonly reason: string;
};

export function missedGoals(report: Report): readonly Miss[] {
  const { turns, guest, acknowledge, findings, machine } = report;
  const crowd = (loads: readonly number[]) => crowdOf(loads, machine.cpus);
  const slowTurns = turns.filter(({ ratio }) => ratio.median > GOALS.turnsRatio);
  // On gVisor a process costs more whoever starts it, so that figure is only reported.
  const slowGuests = guest.filter(
    ({ runtime, ratio }) => runtime === "runc" && ratio.median > GOALS.guestRatio,
  );
  const misses: Miss[] = [
    ...slowTurns.map((figures) => ({
      goal: `turns on ${figures.runtime} ≤ ${GOALS.turnsRatio}×`,
      figure: `${figures.ratio.median.toFixed(2)}×`,
      reason: `${whereItGoes(figures)}${crowd(figures.loads)}`,
    })),
    ...slowGuests.map(({ runtime, ratio, loads }) => ({
      goal: `a command through the guest on ${runtime} ≤ ${GOALS.guestRatio}×`,
      figure: `${ratio.median.toFixed(2)}×`,
      reason: `Its share beside the program itself: two frames and a sweep.${crowd(loads)}`,
    })),
  ];
  misses.push(...findings.flatMap((finding) => missed(finding, crowd(finding.loads))));
  if (acknowledge === undefined) return misses;
  if (acknowledge.p99Ms >= GOALS.acknowledgeP99Ms) {
    misses.push({
      goal: `acknowledgement p99 < ${GOALS.acknowledgeP99Ms} ms`,
      figure: `${Math.round(acknowledge.p99Ms)} ms`,
      reason: `Dunlin stores them one process wide, while sender and database share its processors.${crowd([acknowledge.load])}`,
    });
  }
  const lost = acknowledge.killed.acknowledgedButNotStored;
  if (lost > 0) {
    const reason = "A delivery was acknowledged before it was durable: a defect.";
    misses.push({ goal: "every 2xx is in the database", figure: `${lost} missing`, reason });
  }
  return misses;
}

function missed({ id, runtime, figure, unit, reason }: Finding, crowd: string): readonly Miss[] {
  const kind = runtime === "runc" ? "runc" : /runsc|gvisor/.test(runtime) ? "gvisor" : "other";
  const most = MOST[id]?.[kind];
  if (most === undefined || figure <= most) return [];
  const goal = `${id} on ${runtime} ≤ ${most}${unit}`;
  // Memory doesn't depend on what else the machine does.
  const why = unit === " MB" ? reason : `${reason}${crowd}`;
  return [{ goal, figure: show(figure, unit), reason: why }];
}

/** The steps that cost most above the script. */
function whereItGoes({ steps, waitForSandboxMs, modelMs }: TurnFigures): string {
  const worst = steps
    .map(({ name, dunlinMs, scriptMs }) => ({ name, more: dunlinMs - scriptMs }))
    .toSorted((a, b) => b.more - a.more)
    .slice(0, 3)
    .map(({ name, more }) => `${name} +${Math.round(more)} ms`);
  return `Most of it: ${worst.join(", ")}; among it ${Math.round(waitForSandboxMs)} ms of waiting for the sandbox and ${Math.round(modelMs)} ms of model answers.`;
}

function crowdOf(loads: readonly number[], cpus: number): string {
  const load = Math.max(...loads);
  if (load <= cpus) return "";
  return ` The machine was busy with other things (load ${load.toFixed(1)} on ${cpus} processors): measure again when it is quiet.`;
}
