import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readConfig, readRunConfig, readServerConfig } from "../../src/config.ts";

const server = {
  GITHUB_APP_ID: "12",
  GITHUB_WEBHOOK_SECRET: "0123456789abcdef",
  GITHUB_APP_PRIVATE_KEY_FILE: "/key.pem",
  OPENAI_API_KEY: "a key",
};

describe("the operator's settings", () => {
  it("have bounds on spending without anything being set", () => {
    expect(readConfig({})).toMatchObject({
      DUNLIN_RUN_USD: 3,
      DUNLIN_RUN_TURNS: 80,
      DUNLIN_DAY_USD: 50,
      DUNLIN_WEAK_SANDBOX: false,
    });
  });

  it("treat an empty variable as absent", () => {
    expect(readConfig({ DUNLIN_MODEL: "", DATABASE_URL: " " })).toMatchObject({
      DUNLIN_MODEL: "gpt-5",
    });
  });

  it("allow every image that Dunlin has, and those alone that are named", async () => {
    const folders = await readdir("sandbox-images", { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(readConfig({}).DUNLIN_IMAGES.toSorted()).toEqual(names.toSorted());
    expect(readConfig({}).DUNLIN_IMAGES[0]).toBe("node");
    const wanted = { DUNLIN_IMAGES: "python, debian:12" };
    expect(readConfig(wanted).DUNLIN_IMAGES).toEqual(["python", "debian:12"]);
    expect(() => readConfig({ DUNLIN_IMAGES: "," })).toThrow("DUNLIN_IMAGES: must name an image");
  });

  it("name every wrong variable at once", () => {
    const read = () => readConfig({ PORT: "x", DUNLIN_RUN_USD: "-1", DATABASE_URL: "mysql://a" });
    for (const name of ["PORT", "DUNLIN_RUN_USD", "DATABASE_URL"])
      expect(read).toThrow(`${name}: `);
  });

  it("refuse a data folder that no disk has, where making one would never end", () => {
    for (const folder of ["/proc/dunlin", "//sys/x", "/proc"]) {
      expect(() => readConfig({ DUNLIN_DATA_DIR: folder })).toThrow("not below /proc or /sys");
    }
    expect(readConfig({ DUNLIN_DATA_DIR: "/process" }).DUNLIN_DATA_DIR).toBe("/process");
  });

  it("refuse a misspelt setting instead of ignoring it", () => {
    expect(() => readConfig({ DUNLIN_BUDGET: "1" })).toThrow("DUNLIN_BUDGET: there is no such");
  });

  it.each([
    ["without a webhook secret", { ...server, GITHUB_WEBHOOK_SECRET: undefined }, "is not set"],
    ["with a short one", { ...server, GITHUB_WEBHOOK_SECRET: "short" }, "16 characters"],
    ["without a key", { ...server, GITHUB_APP_PRIVATE_KEY_FILE: undefined }, "PRIVATE_KEY"],
    [
      "without a key for the default model server",
      { ...server, OPENAI_API_KEY: "" },
      "OPENAI_API_KEY: is not set",
    ],
    ["without an App's id", { ...server, GITHUB_APP_ID: undefined }, "GITHUB_APP_ID"],
  ])("don't serve %s", (_name, env, part) => {
    expect(() => readServerConfig(env)).toThrow(part);
  });

  it("run nothing without a key, unless the model server is one of your own", () => {
    expect(() => readRunConfig({})).toThrow("OPENAI_API_KEY: is not set");
    const own = { OPENAI_BASE_URL: "http://127.0.0.1:8000/v1" };
    expect(readRunConfig(own).OPENAI_API_KEY).toBeUndefined();
  });

  it("never repeat a secret in a message", () => {
    try {
      readServerConfig({ ...server, GITHUB_WEBHOOK_SECRET: "tooshort", PORT: "x" });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("tooshort");
    }
  });
});
