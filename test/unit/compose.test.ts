import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { composeRuns, type Foundation, withPrivateKey } from "../../src/compose.ts";
import { readConfig } from "../../src/config.ts";
import { FakeCodeHost } from "../fakes/code-host.ts";
import { FakeEngine } from "../fakes/engine.ts";
import { fakeLog } from "../fakes/log.ts";
import { fakeRunStore } from "../fakes/run-store.ts";

async function compose(env: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "compose-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = fakeLog();
  const foundation: Foundation = {
    engine: new FakeEngine(),
    store: fakeRunStore(),
    log,
    folder,
    labels: { owner: "o", process: "p" },
    oversee: () => {},
    start: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const given = { DUNLIN_DATA_DIR: folder, DUNLIN_REGISTRIES: "https://packages.test", ...env };
  const ports = await composeRuns(readConfig(given), {}, foundation, new FakeCodeHost().hosts, {
    onProgress: () => {},
    localRepositories: false,
  });
  return { ports, log };
}

it("keeps every secret of the settings out of what is published", async () => {
  const secrets = {
    OPENAI_API_KEY: "the-model-key",
    GITHUB_APP_PRIVATE_KEY: "the-private-key",
    GITHUB_WEBHOOK_SECRET: "the-webhook-secret",
    GITHUB_WEBHOOK_SECRET_OLD: "the-previous-secret",
  };
  const url = "postgresql://dunlin:the-password@db.test/dunlin";
  const { ports } = await compose({ ...secrets, DATABASE_URL: url });
  const [, ...more] = [...ports.secrets()].sort();
  expect(more).toEqual([...Object.values(secrets), "the-password"].sort());
  // The key that it made itself.
  expect(ports.secrets().some((secret) => secret.startsWith("-----BEGIN PRIVATE KEY"))).toBe(true);
});

it("gives each bound of the settings to the runs", async () => {
  const { ports } = await compose({
    DUNLIN_RUN_USD: "1",
    DUNLIN_RUN_TOKENS: "2",
    DUNLIN_REPOSITORY_DAY_USD: "3",
    DUNLIN_DAY_USD: "4",
    DUNLIN_RUN_TURNS: "5",
    DUNLIN_RUN_MINUTES: "6",
    DUNLIN_PIDS: "70",
  });
  expect(ports.limits).toMatchObject({
    runUsd: 1,
    runTokens: 2,
    repositoryDayUsd: 3,
    totalDayUsd: 4,
    turns: 5,
    durationMs: 360_000,
    sandbox: { pids: 70 },
  });
});

it("assumes a high price for a model that it doesn't know, and says so", async () => {
  const { ports, log } = await compose({ DUNLIN_MODEL: "brand-new" });
  expect(ports.price.outputUsd).toBeGreaterThanOrEqual(50);
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: "warn", message: expect.stringContaining("price unknown") }),
  );
});

it("takes the App's key from a file as if it were a setting, so that it counts as a secret", async () => {
  const folder = await mkdtemp(join(tmpdir(), "key-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "key.pem");
  await writeFile(file, "the key\n");
  const config = await withPrivateKey(readConfig({ GITHUB_APP_PRIVATE_KEY_FILE: file }));
  expect(config.GITHUB_APP_PRIVATE_KEY).toBe("the key\n");
});

it("mends line ends that were escaped for the environment", async () => {
  const config = await withPrivateKey(readConfig({ GITHUB_APP_PRIVATE_KEY: "a\\nb" }));
  expect(config.GITHUB_APP_PRIVATE_KEY).toBe("a\nb");
});

it("names a key file that can't be read, with the next step", async () => {
  const config = readConfig({ GITHUB_APP_PRIVATE_KEY_FILE: "/nowhere/key.pem" });
  await expect(withPrivateKey(config)).rejects.toMatchObject({
    kind: "invalid-request",
    message: expect.stringContaining("/nowhere/key.pem can't be read. Set GITHUB_APP_PRIVATE_KEY"),
  });
});
