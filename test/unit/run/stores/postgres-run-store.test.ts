import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { openRunStore } from "../../../../src/run/stores/postgres-run-store.ts";

it("names a database that can't be reached, with the next step and without its password", async () => {
  const pool = new pg.Pool({ connectionString: "postgresql://dunlin:canary@127.0.0.1:1/none" });
  onTestFinished(() => pool.end());
  const failed = await openRunStore(pool).catch((error: unknown) => error);
  expect(failed).toMatchObject({
    kind: "unavailable",
    code: "database-unreachable",
    message: expect.stringContaining("Check DATABASE_URL"),
  });
  expect(String(failed)).not.toContain("canary");
});
