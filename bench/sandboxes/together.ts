import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { promisify } from "node:util";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type Finding, ratio } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import { openPlace, succeed } from "./place.ts";

const COUNT = 8;
/** Nothing but arithmetic; about 150 ms. */
const JOB = ["/bin/sh", "-c", "i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done"] as const;

/** Eight sandboxes at once against one of them alone; beside it the same processes without sandboxes. */
export async function measureTogether(
  runtime: string,
  rounds: number,
): Promise<readonly Finding[]> {
  await using place = await openPlace(runtime);
  await using stack = new AsyncDisposableStack();
  const sandboxes: Sandbox[] = [];
  for (let index = 0; index < COUNT; index += 1) sandboxes.push(stack.use(await place.create()));
  const [first] = sandboxes;
  if (first === undefined) throw new Error("There is no sandbox to measure.");
  const here = promisify(execFile);
  const [program, ...args] = JOB;
  const sides = {
    "one sandbox": () => timed(() => succeed(first, JOB)),
    "eight sandboxes": () => timed(() => Promise.all(sandboxes.map((one) => succeed(one, JOB)))),
    "one process": () => timed(() => here(program, args)),
    "eight processes": () => timed(() => Promise.all(sandboxes.map(() => here(program, args)))),
  };
  const measured = await inTurns(sides, rounds);
  const ideal = (ms: number) => (COUNT * ms) / Math.min(COUNT, cpus().length);
  const common = { runtime, reason: "The same of plain processes is shown beside it." };
  const of = (what: string) =>
    `eight ${what} with a job of pure arithmetic ÷ 8 times one's time ÷ processors`;
  const sandboxed = { ...common, id: "together", what: of("sandboxes") };
  const plain = { ...common, id: "together-here", what: of("processes of the host's") };
  return [
    ratio(
      sandboxed,
      measured,
      ["eight sandboxes", "one sandbox"],
      (ms) => ms["eight sandboxes"] / ideal(ms["one sandbox"]),
    ),
    ratio(
      plain,
      measured,
      ["eight processes", "one process"],
      (ms) => ms["eight processes"] / ideal(ms["one process"]),
    ),
  ];
}
