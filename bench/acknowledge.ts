import { loadavg } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../src/engine/engines/dbos/embedded-postgres.ts";
import type { DunlinProcess } from "../test/e2e/dunlin-process.ts";
import { REPOSITORY, type Stage, setStage } from "../test/e2e/stage.ts";
import type { Delivery } from "../test/github/world/webhooks.ts";
import { quantile } from "./figures.ts";

const DELIVERIES = 200;
/** Without write access: each delivery is stored and followed up, and no run comes of it. */
const PASSER_BY = "otto";

/** Milliseconds from the start of a request until its answer was read. */
export type AcknowledgeFigures = {
  readonly deliveries: number;
  readonly acknowledged: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly load: number;
  /** Of a second Dunlin, killed (SIGKILL) in the middle. */
  readonly killed: {
    readonly acknowledged: number;
    readonly unanswered: number;
    readonly acknowledgedButNotStored: number;
  };
};

/** As many labellings at once, each of another issue; then the same again with a kill in the middle. */
export async function measureAcknowledgement(): Promise<AcknowledgeFigures> {
  await using stage = await setStage({ script: [], checkResponses: false });
  const dunlin = await stage.start();
  const issues = await open(stage);
  const load = loadavg()[0] ?? Number.NaN;
  const calm = answered(await labelAll(stage, issues));
  await dunlin.stop();
  const times = calm.map(({ outcome }) => outcome?.durationMs ?? Number.NaN);
  return {
    deliveries: DELIVERIES,
    acknowledged: calm.length,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    load,
    killed: await killInTheMiddle(stage),
  };
}

/** Dunlin hears of each issue, and nothing follows from that. */
async function open(stage: Stage): Promise<readonly number[]> {
  const issues: number[] = [];
  for (let index = 1; index <= DELIVERIES; index += 1) {
    const issue = { title: `Issue ${index}`, body: "Text.\n".repeat(300), author: PASSER_BY };
    issues.push((await stage.github.openIssue(REPOSITORY, issue)).number);
  }
  await stage.github.settled();
  return issues;
}

async function labelAll(stage: Stage, issues: readonly number[]): Promise<readonly Delivery[]> {
  const { github } = stage;
  const before = github.deliveries.length;
  await Promise.all(issues.map((issue) => github.label(REPOSITORY, issue, "dunlin", PASSER_BY)));
  await github.settled();
  return labellings(github.deliveries.slice(before));
}

/** Without those that Dunlin asked for once more. */
function labellings(deliveries: readonly Delivery[]): readonly Delivery[] {
  return deliveries.filter(({ action, redelivery }) => action === "labeled" && !redelivery);
}

function answered(deliveries: readonly Delivery[]): readonly Delivery[] {
  return deliveries.filter(({ outcome }) => outcome?.status === 200);
}

/** The answers come close together, so the kill may be late; then it is tried again, earlier. */
async function killInTheMiddle(stage: Stage): Promise<AcknowledgeFigures["killed"]> {
  let acknowledged: readonly string[] = [];
  for (let answers = DELIVERIES / 4; answers >= 1; answers = Math.floor(answers / 2)) {
    const dunlin = await stage.start();
    const issues = await open(stage);
    const after = answered(labellings(stage.github.deliveries)).length + answers;
    const [deliveries] = await Promise.all([labelAll(stage, issues), killAt(after, stage, dunlin)]);
    const ids = answered(deliveries).map(({ guid }) => `gh:${guid}`);
    acknowledged = [...acknowledged, ...ids];
    const unanswered = deliveries.length - ids.length;
    if (unanswered === 0) continue;
    const missing = acknowledged.length - (await countStored(stage, acknowledged));
    return { acknowledged: ids.length, unanswered, acknowledgedButNotStored: missing };
  }
  throw new Error("Dunlin always answered everything before it could be killed.");
}

async function killAt(answers: number, stage: Stage, dunlin: DunlinProcess): Promise<void> {
  await stage.github.waitForDelivery(
    () => answered(labellings(stage.github.deliveries)).length >= answers,
  );
  await dunlin.kill();
}

/** Asks the database itself, which outlives Dunlin. The next one, which stops it at the end, starts only then. */
async function countStored(stage: Stage, ids: readonly string[]): Promise<number> {
  const { url } = await startEmbeddedPostgres(join(stage.folder, "data", "postgres"));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(
      "SELECT count(*) FROM dbos.workflow_status WHERE workflow_uuid = ANY($1)",
      [ids],
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
    await stage.start();
  }
}
