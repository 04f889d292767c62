import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { measureAcknowledgement } from "./acknowledge.ts";
import { missedGoals } from "./goals.ts";
import { measureGuest } from "./guest.ts";
import { describeMachine, machineLoad } from "./machine.ts";
import {
  acknowledgeText,
  findingText,
  guestText,
  machineText,
  type Report,
  turnsText,
} from "./report.ts";
import { stopRounds } from "./rounds.ts";
import { measureSandboxes, SANDBOX_PARTS } from "./sandboxes/parts.ts";
import { runtimesOf } from "./sandboxes.ts";
import { measureTurns } from "./turns/measure-turns.ts";

const OWN_PARTS = ["turns", "guest", "acknowledge"] as const;
const PARTS: readonly string[] = [...OWN_PARTS, ...SANDBOX_PARTS];
const TURNS_ROUNDS = 5;
const GUEST_ROUNDS = 30;

const USAGE = `npm run bench [-- OPTIONS]

  --only PART       One of ${PARTS.join(", ")}; several with commas
  --runtime NAME    runc, runsc or default; several with commas (runc,default)
  --rounds N        Rounds of each comparison, instead of each part's own number
  --json FILE       Also write all figures for programs`;

const OPTIONS = {
  only: { type: "string", default: PARTS.join(",") },
  runtime: { type: "string", default: "runc,default" },
  rounds: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A second one ends it at once, and leaves things behind.
  process.once(signal, stopRounds);
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const parts = values.only.split(",");
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}.\n\n${USAGE}`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && (!Number.isInteger(rounds) || rounds < 1)) {
    throw new Error("--rounds needs a whole number.");
  }
  const report = await measure(parts, values.runtime.split(","), rounds);
  const misses = missedGoals(report);
  say(`\nLoad afterwards ${report.loadAfter.join(" ")}`);
  say(misses.length === 0 ? "All goals are reached." : "Goals missed:");
  for (const { goal, figure, reason } of misses) say(`  ${goal}: ${figure}. ${reason}`);
  if (values.json === undefined) return;
  await writeFile(values.json, `${JSON.stringify({ ...report, missed: misses }, null, 2)}\n`);
}

async function measure(
  parts: readonly string[],
  names: readonly string[],
  rounds: number | undefined,
): Promise<Report> {
  const has = (part: (typeof OWN_PARTS)[number]) => parts.includes(part);
  const machine = await describeMachine();
  const loadBefore = machineLoad();
  say(machineText({ machine }));
  say(`Load before ${loadBefore.join(" ")}; figures are medians (least–most)\n`);
  const turns = [];
  const guest = [];
  const onRuntimes = parts.some((part) => part !== "acknowledge" && part !== "microvm");
  const runtimes = onRuntimes ? await runtimesOf(names) : [];
  for (const runtime of runtimes) {
    if (has("guest"))
      guest.push(shown(await measureGuest(runtime, rounds ?? GUEST_ROUNDS), guestText));
    if (has("turns")) {
      const figures = await measureTurns(runtime, rounds ?? TURNS_ROUNDS, say);
      turns.push(shown(figures, turnsText));
    }
  }
  const sandboxes = await measureSandboxes(parts, runtimes, rounds, (finding) => {
    shown(finding, findingText);
  });
  for (const part of sandboxes.notMeasured) say(`Not measured here: ${part}`);
  const acknowledge = has("acknowledge")
    ? { acknowledge: shown(await measureAcknowledgement(), acknowledgeText) }
    : {};
  const at = new Date().toISOString();
  const measured = { turns, guest, ...sandboxes, ...acknowledge };
  return { at, machine, loadBefore, ...measured, loadAfter: machineLoad() };
}

function shown<Figures>(figures: Figures, text: (figures: Figures) => string): Figures {
  say(`${text(figures)}\n`);
  return figures;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
