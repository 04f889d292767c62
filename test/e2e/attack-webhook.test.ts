import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queryDatabase } from "../attack/let-loose.ts";
import type { DunlinProcess } from "./dunlin-process.ts";
import { freePort } from "./free-port.ts";
import { MAINTAINER, OUTSIDER, REPOSITORY, type Stage, setStage } from "./stage.ts";

const GIVE_UP = {
  calls: [{ tool: "give_up", input: { kind: "needs_info", question: "Which version is it?" } }],
};

let stage: Stage;
let port: string;
let dunlin: DunlinProcess;

beforeAll(async () => {
  stage = await setStage({ script: [GIVE_UP] });
  port = String(await freePort());
  stage.github.deliverTo(`http://127.0.0.1:${port}/api/github/webhooks`);
});
afterAll(async () => stage?.[Symbol.asyncDispose]());

describe("a webhook in hostile weather", () => {
  it("makes up for what came while Dunlin was away: three labels, three runs", async () => {
    for (const title of ["one", "two", "three"]) await askFor(title);
    await stage.github.settled();
    expect(stage.github.deliveries.map(({ outcome }) => outcome?.status)).not.toContain(200);
    dunlin = await stage.start({ PORT: port });
    await dunlin.line(() => ended() === 3);
    await stage.github.settled();
    expect(await runs()).toBe(3);
  });

  it("starts nothing again for what is sent again, under the same id or another", async () => {
    const labelled = stage.github.deliveries.filter(({ action }) => action === "labeled");
    for (const { guid, event, payload } of labelled) {
      await stage.github.redeliver(guid);
      await stage.github.deliver({ event, payload });
    }
    await expect.poll(unfinished, { timeout: 60_000 }).toBe(0);
    expect([await runs(), ended()]).toEqual([3, 3]);
  });

  it("keeps its memory while large bodies of strangers come at once", async () => {
    const body = Buffer.alloc(25 * 1024 * 1024, " ");
    const before = residentMiB(dunlin.pid);
    const posts = Array.from({ length: 24 }, (_, at) => post(`large-${at}`, body, "0".repeat(64)));
    const statuses = await Promise.all(posts);
    expect(statuses.filter((status) => status === 200)).toEqual([]);
    // 600 MiB came. What is held of it at once has a bound; the rest is garbage that has not been collected yet.
    expect(residentMiB(dunlin.pid) - before).toBeLessThan(350);
    expect((await fetch(`${dunlin.url}/healthz`)).status).toBe(200);
  });

  it("has stored every delivery that it acknowledged, also when it is killed among them", async () => {
    const payload = stage.github.deliveries.find(({ action }) => action === "labeled")?.payload;
    const body = Buffer.from(JSON.stringify(payload));
    const { webhookSecret } = stage.github.app;
    const signature = createHmac("sha256", webhookSecret).update(body).digest("hex");
    const acknowledged: string[] = [];
    const posts = Array.from({ length: 200 }, async (_, at) => {
      if ((await post(`kill-${at}`, body, signature)) !== 200) return;
      acknowledged.push(`kill-${at}`);
      if (acknowledged.length === 40) await dunlin.kill();
    });
    await Promise.all(posts);
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    expect(acknowledged.length).toBeLessThan(200);
    const stored = await storedDeliveries();
    expect(acknowledged.filter((id) => !stored.has(`gh:${id}`))).toEqual([]);
  });
});

async function askFor(title: string): Promise<void> {
  const issue = { title, body: "Twice.", author: OUTSIDER };
  const { number } = await stage.github.openIssue(REPOSITORY, issue);
  await stage.github.label(REPOSITORY, number, "dunlin", MAINTAINER);
}

function ended(): number {
  return dunlin.lines.filter((line) => line.msg === "run ended").length;
}

async function count(query: string): Promise<number> {
  const [row] = await queryDatabase<{ count: string }>(stage, query);
  return Number(row?.count);
}

const runs = () => count("SELECT count(*) FROM dunlin.run");
const unfinished = () =>
  count(
    "SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')",
  );

async function storedDeliveries(): Promise<ReadonlySet<string>> {
  const rows = await queryDatabase<{ id: string }>(
    stage,
    "SELECT workflow_uuid AS id FROM dbos.workflow_status",
  );
  return new Set(rows.map(({ id }) => id));
}

/** The answer's status; 0 when there was none. */
async function post(id: string, body: Buffer, signature: string): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/github/webhooks`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": id,
        "x-hub-signature-256": `sha256=${signature}`,
      },
      body,
    });
    await response.text();
    return response.status;
  } catch {
    return 0;
  }
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
