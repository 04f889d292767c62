import { describe, expect, it } from "vitest";
import type { Permission } from "../../../src/code-host/code-host.ts";
import { mayAsk } from "../../../src/command/who-may-ask.ts";
import { FakeCodeHost } from "../../fakes/code-host.ts";

const person = (login: string, isBot = false) => ({ login, id: 1, isBot });

describe("mayAsk", () => {
  it.each<[Permission, boolean]>([
    ["admin", true],
    ["maintain", true],
    ["write", true],
    ["triage", false],
    ["read", false],
    ["none", false],
  ])("with %s access: %s", async (permission, expected) => {
    const host = new FakeCodeHost();
    host.permissions.set("ada", permission);
    expect(await mayAsk(host, person("Ada"))).toBe(expected);
  });

  it.each([
    ["a bot", person("robot", true)],
    ["an account named like an app", person("Dependabot[Bot]")],
    ["a deleted account", null],
  ])("never %s, and does not even ask the host", async (_, who) => {
    const host = new FakeCodeHost();
    host.permissions.set("robot", "admin");
    host.permissions.set("dependabot[bot]", "admin");
    expect(await mayAsk(host, who)).toBe(false);
    expect(host.calls).toEqual([]);
  });

  it("asks each time: a permission taken away counts at once", async () => {
    const host = new FakeCodeHost();
    host.permissions.set("ada", "write");
    expect(await mayAsk(host, person("ada"))).toBe(true);
    host.permissions.set("ada", "read");
    expect(await mayAsk(host, person("ada"))).toBe(false);
  });
});
