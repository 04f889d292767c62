/** Runs inside a sandbox's image, where it may end every other process: the guest's own commands, one after another. */
import { readdirSync, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

const GUEST = "/opt/dunlin/sandbox";
const { FRAME } = await import(`${GUEST}/wire/frame.js`);
const { createRunner } = await import(`${GUEST}/guest/command.js`);
const { makePipes } = await import(`${GUEST}/guest/pipes.js`);
const { createStandby } = await import(`${GUEST}/guest/standby.js`);

const pipes = makePipes("/run/dunlin-test");
const standby = createStandby(pipes.next);
const runner = createRunner(pipes.now, standby, (reason: string) => {
  throw new Error(reason);
});
const JOB_UID = 1000;

type Asked = { readonly argv: readonly string[] } & Readonly<Record<string, unknown>>;
type Frame = { readonly type: number; readonly payload: Uint8Array };

/** Which processes of the job there are. */
function jobPids(): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return statSync(`/proc/${pid}`).uid === JOB_UID;
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

async function run(asked: Asked, input: string | undefined, asksMeanwhile = false) {
  const output = ["", "", ""];
  const over = Promise.withResolvers<unknown>();
  const channel = {
    send(type: number, payload: Uint8Array) {
      const text = Buffer.from(payload);
      if (type === FRAME.result) over.resolve(JSON.parse(text.toString()));
      else output[text[0] ?? 0] += text.subarray(1).toString();
    },
    close() {},
    isOver: () => false,
  };
  const request = { cwd: "/", env: {}, timeoutMs: 20_000, stdin: input !== undefined, ...asked };
  const send: (frame: Frame) => void = runner.run(request, channel);
  if (asksMeanwhile) await standby.keep();
  if (input !== undefined) {
    send({ type: FRAME.data, payload: Buffer.from(input) });
    send({ type: FRAME.end, payload: new Uint8Array() });
  }
  return { report: await over.promise, out: output[1], err: output[2] };
}

const cases = JSON.parse(process.argv[1] ?? "[]") as readonly {
  readonly asked: Asked;
  readonly input?: string;
  readonly lastBytes?: number;
  /** Whether one waits before it begins, or is only just being started. */
  readonly waits: boolean | "soon";
  /** Whether one is asked to wait while it runs; it reads its input afterwards. */
  readonly asksMeanwhile?: boolean;
  /** The one that waits is killed so many turns of the event loop before. */
  readonly diesTurnsBefore?: number;
}[];
const results = [];
await run({ argv: ["/bin/mkdir", "--mode=700", "/tmp/closed"] }, undefined);
for (const { asked, input, lastBytes = 0, waits, asksMeanwhile, diesTurnsBefore } of cases) {
  const kept = waits ? standby.keep() : undefined;
  if (waits === true) await kept;
  const before = jobPids();
  if (diesTurnsBefore !== undefined) {
    for (const pid of before) process.kill(Number(pid), "SIGKILL");
    for (let turn = 0; turn < diesTurnsBefore; turn += 1) await nextTurn();
  }
  const argv = lastBytes > 0 ? [...asked.argv, "x".repeat(lastBytes)] : asked.argv;
  results.push({
    before,
    ...(await run({ ...asked, argv }, input, asksMeanwhile)),
    after: jobPids(),
  });
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
