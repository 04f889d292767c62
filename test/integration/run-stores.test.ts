import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../src/engine/engines/dbos/embedded-postgres.ts";
import type { RunRequest } from "../../src/run/run.ts";
import type { Reservation, RunStore } from "../../src/run/store.ts";
import { createJournalFiles } from "../../src/run/stores/journal-files.ts";
import { openRunStore } from "../../src/run/stores/postgres-run-store.ts";

let folder: string;
let database: EmbeddedPostgres;
let pool: pg.Pool;
let store: RunStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-stores-"));
  await chmod(folder, 0o711);
  database = await startEmbeddedPostgres(join(folder, "db"));
  pool = new pg.Pool({ connectionString: database.url });
  [store] = await Promise.all([openRunStore(pool), openRunStore(pool)]);
});

afterAll(async () => {
  await pool.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

const request = (id: string, repositoryId: number, issueNumber: number): RunRequest => ({
  id,
  repository: { id: repositoryId, owner: "acme", name: "toy", installationId: 1 },
  issueNumber,
  issueUrl: "https://example.test/1",
  title: "A title",
  body: "A body",
  requestedBy: "ada",
  comments: [],
  omittedComments: 0,
});

describe("the run store", () => {
  it("makes one run of the same request, one open run an issue, and at most N a repository", async () => {
    const limits = { maxOpenPerRepository: 2 };
    expect(await store.create(request("a", 1, 1), limits)).toBe("created");
    expect(await store.create(request("a", 1, 1), limits)).toBe("exists");
    expect(await store.create(request("b", 1, 1), limits)).toBe("busy");
    expect(await store.create(request("c", 1, 2), limits)).toBe("created");
    expect(await store.create(request("d", 1, 3), limits)).toBe("full");
    expect(await store.create(request("e", 2, 1), limits)).toBe("created");
    await store.setState("a", "failed", { outcome: "stuck" });
    expect(await store.create(request("b", 1, 1), limits)).toBe("created");
    expect((await store.open(1, 1))?.request.id).toBe("b");
  });

  it("lets only one of many simultaneous requests for an issue through", async () => {
    const limits = { maxOpenPerRepository: 5 };
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.create(request(`many-${n}`, 3, 1), limits)),
    );
    expect(results.toSorted()).toEqual([...Array(7).fill("busy"), "created"]);
  });

  it("never opens an ended run again", async () => {
    await store.create(request("ended", 4, 1), { maxOpenPerRepository: 5 });
    await store.setState("ended", "cancelled");
    await store.setState("ended", "working");
    expect((await store.get("ended"))?.state).toBe("cancelled");
  });

  it("keeps who asked to stop first, and each instruction once, in order", async () => {
    await store.create(request("steered", 5, 1), { maxOpenPerRepository: 5 });
    await store.requestStop("steered", "ada");
    await store.requestStop("steered", "bob");
    expect(await store.stopRequestedBy("steered")).toBe("ada");
    await store.addSteer("steered", "d1", "ada", "use tabs");
    await store.addSteer("steered", "d1", "ada", "use tabs");
    await store.addSteer("steered", "d2", "bob", "no");
    const all = await store.steersAfter("steered", 0);
    expect(all.map(({ author, text }) => ({ author, text }))).toEqual([
      { author: "ada", text: "use tabs" },
      { author: "bob", text: "no" },
    ]);
    expect(await store.steersAfter("steered", all[0]?.sequence ?? 0)).toHaveLength(1);
  });
});

describe("spending", () => {
  const limits = { runUsd: 1, runTokens: 1000, repositoryDayUsd: 2, totalDayUsd: 3 };
  const wanted = (over: Partial<Reservation>): Reservation => ({
    key: "k",
    runId: "r",
    repositoryId: 9,
    day: "2026-01-01",
    costUsd: 0.4,
    tokens: 100,
    ...over,
  });

  it("counts the estimate until it is settled, also over a restart, and refuses what would pass a limit", async () => {
    expect(await store.reserve(wanted({ key: "1" }), limits)).toBeUndefined();
    expect(await store.reserve(wanted({ key: "2" }), limits)).toBeUndefined();
    expect(await store.reserve(wanted({ key: "3" }), limits)).toMatchObject({ limit: "run-cost" });
    await store.settle("1", { costUsd: 0.1, tokens: 10 });
    const restarted = await openRunStore(pool);
    expect(await restarted.reserve(wanted({ key: "3" }), limits)).toBeUndefined();
    expect(await restarted.spent("r")).toEqual({
      costUsd: expect.closeTo(0.9),
      tokens: 210,
      requests: 3,
    });
    const many = wanted({ key: "4", costUsd: 0, tokens: 2000 });
    expect(await store.reserve(many, limits)).toMatchObject({ limit: "run-tokens" });
  });

  it("counts a repeated attempt of the same request once", async () => {
    const once = wanted({ key: "same", runId: "s", repositoryId: 10, day: "2026-01-02" });
    await store.reserve(once, limits);
    await store.reserve(once, limits);
    expect((await store.spent("s")).requests).toBe(1);
  });

  it("holds the limits of a repository's day and of the whole day while many ask at once", async () => {
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        store.reserve(
          wanted({
            key: `day-${n}`,
            runId: `run-${n}`,
            repositoryId: 20 + (n % 2),
            day: "2026-01-03",
          }),
          limits,
        ),
      ),
    );
    expect(asked.filter((refused) => refused === undefined)).toHaveLength(7);
    const other = wanted({ key: "other", runId: "o", repositoryId: 30, day: "2026-01-04" });
    for (const n of [1, 2, 3, 4, 5]) {
      await store.reserve({ ...other, key: `o${n}`, runId: `o${n}` }, limits);
    }
    expect(await store.reserve({ ...other, key: "o6", runId: "o6" }, limits)).toMatchObject({
      limit: "repository-day-cost",
    });
  });
});

describe("the journal", () => {
  it("finds and reads what another process wrote, odd characters included", async () => {
    const journals = createJournalFiles(join(folder, "journals"));
    const first = await journals.open("run/1");
    const odd = { text: "line\u2028separator\r\nand more", list: [1, null] };
    const refs = await Promise.all([first.append("one", odd), first.append("two", { n: 2 })]);
    const second = await journals.open("run/1");
    expect(await second.read(refs[0])).toEqual(odd);
    expect(await second.find("two")).toEqual(refs[1]);
    expect(await second.find("three")).toBeUndefined();
  });

  it("skips a line torn by a crash and goes on behind it", async () => {
    const journals = createJournalFiles(join(folder, "torn"));
    await (await journals.open("r")).append("one", 1);
    await appendFile(join(folder, "torn", "r.jsonl"), '{"step":"two","result":2}');
    const again = await journals.open("r");
    expect(await again.find("two")).toBeUndefined();
    const ref = await again.append("two", 22);
    expect(await again.read(ref)).toBe(22);
    const last = await journals.open("r");
    expect(await last.find("two")).toEqual(ref);
  });

  it("refuses an entry that was changed afterwards", async () => {
    const journals = createJournalFiles(join(folder, "changed"));
    const journal = await journals.open("r");
    const ref = await journal.append("one", { cost: 1 });
    const file = join(folder, "changed", "r.jsonl");
    await writeFile(file, (await readFile(file, "utf8")).replace("1", "2"));
    await expect(journal.read(ref)).rejects.toMatchObject({ code: "journal-corrupt" });
  });
});
