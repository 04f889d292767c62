import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { inTurn } from "../../../../src/sandbox/wire-host/machine-turns.ts";

const MODULE = new URL("../../../../src/sandbox/wire-host/machine-turns.ts", import.meta.url).href;
let count = 0;
/** Nobody else's, also when these tests run twice at a time. */
const name = () => `test-${process.pid}-${count++}`;

test.skipIf(process.platform !== "linux")(
  "of many who want a turn one has it at a time",
  async () => {
    const turn = name();
    let within = 0;
    const most: number[] = [];
    const work = async () => {
      within += 1;
      await new Promise((resolve) => setImmediate(resolve));
      most.push(within);
      within -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => inTurn(turn, work)));
    expect(most).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  },
);

test.skipIf(process.platform !== "linux")(
  "who takes one turn after another lets those go first who wait",
  async () => {
    const turn = name();
    let isOver = false;
    const greedy = async () => {
      while (!isOver) await inTurn(turn, () => new Promise((resolve) => setImmediate(resolve)));
    };
    const running = greedy();
    await inTurn(turn, async () => {});
    isOver = true;
    await running;
    expect(isOver).toBe(true);
  },
);

test("a turn whose work failed is given back", async () => {
  const turn = name();
  const failing = inTurn(turn, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await inTurn(turn, async () => "next")).toBe("next");
});

test.skipIf(process.platform !== "linux")(
  "a holder that is killed has no turn any more",
  async () => {
    const turn = name();
    const script = `import { inTurn } from ${JSON.stringify(MODULE)};
    await inTurn(${JSON.stringify(turn)}, () => { console.log("mine"); return new Promise(() => setInterval(() => {}, 1e6)); });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    let isOver = false;
    const next = inTurn(turn, async () => isOver);
    isOver = true;
    child.kill("SIGKILL");
    expect(await next).toBe(true);
  },
);

test.skipIf(process.platform !== "linux")(
  "who gives up waiting has no turn, and takes none",
  async () => {
    const turn = name();
    const release = Promise.withResolvers<void>();
    const first = inTurn(turn, () => release.promise);
    const impatient = new AbortController();
    const second = inTurn(turn, async () => "never", impatient.signal);
    impatient.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    release.resolve();
    await first;
  },
);
