// One process with an engine: node engine-worker.ts DATABASE_URL LOG_FILE [kill-in-step-2]
import { appendFileSync } from "node:fs";
import { createDbosEngine } from "../../src/engine/engines/dbos/dbos-engine.ts";
import { createLog } from "../../src/log.ts";

const [databaseUrl = "", logFile = "", mode = ""] = process.argv.slice(2);
const say = (line: string) => appendFileSync(logFile, `${line}\n`);

const engine = createDbosEngine({
  databaseUrl,
  scope: "engine-test",
  log: createLog("silent"),
  onScopeLost: () => process.exit(70),
});
const workflow = engine.workflow<{ word: string }>(
  "story",
  { perWorker: 2, perPartition: 1 },
  async ({ step }, { word }) => {
    const one = await step("one", async () => {
      say("one");
      return { word };
    });
    await step("two", async () => {
      say(`two ${one.word}`);
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
say(await workflow.enqueue({ word: "hello" }, { id: "w1", partition: "p" }));
say(await workflow.enqueue({ word: "again" }, { id: "w1", partition: "p" }));
await engine.finished("w1");
await engine.stop({ graceMs: 100 });
process.exit(0);
