// One process with an engine: node engine-worker.ts DATABASE_URL LOG_FILE [kill-in-step-2 | stop-in-step-2] [SCOPE]
import { appendFileSync } from "node:fs";
import { createDbosEngine } from "../../src/engine/engines/dbos/dbos-engine.ts";
import { createLog } from "../../src/log.ts";

const [databaseUrl = "", logFile = "", mode = "", scope = "engine-test"] = process.argv.slice(2);
const say = (line: string) => appendFileSync(logFile, `${line}\n`);

const engine = createDbosEngine({
  databaseUrl,
  scope,
  log: createLog("silent"),
  onScopeLost: () => process.exit(70),
});
const reached = Promise.withResolvers<void>();
const workflow = engine.workflow<{ word: string }>(
  "story",
  { perWorker: 2, perPartition: 1 },
  async ({ step }, { word }) => {
    using _held = { [Symbol.dispose]: () => say("let go") };
    const one = await step("one", async () => {
      say("one");
      return { word };
    });
    await step("two", async (signal) => {
      say(`two ${one.word}`);
      if (mode === "stop-in-step-2") {
        reached.resolve();
        await new Promise((_, reject) => signal.addEventListener("abort", reject));
      }
      if (mode === "kill-in-step-2") process.kill(process.pid, "SIGKILL");
      return null;
    });
    await step("three", async () => {
      say("three");
      return null;
    });
  },
);
await engine.start();
say(await workflow.enqueue({ word: "hello" }, { id: `${scope}-w1`, partition: "p" }));
say(await workflow.enqueue({ word: "again" }, { id: `${scope}-w1`, partition: "p" }));
await (mode === "stop-in-step-2" ? reached.promise : engine.finished(`${scope}-w1`));
await engine.stop({ graceMs: 60_000 });
process.exit(0);
