import { expect, test } from "vitest";
import {
  decideAddresses,
  decideServerName,
  decideTarget,
  type EgressPolicy,
  type EgressRefusal,
  refusalsSince,
  sumRefusals,
  withRefusal,
} from "../../../src/sandbox/egress.ts";

const policy: EgressPolicy = {
  mode: "allow",
  origins: ["registry.test:443", "[2001:db8::1]:443"],
  maxBytes: 1000,
};
const registry = { host: "registry.test", port: 443 };

test("only exact origins of an open policy are allowed", () => {
  expect(decideTarget(policy, registry, 0).allowed).toBe(true);
  expect(decideTarget(policy, { host: "REGISTRY.test.", port: 443 }, 0).allowed).toBe(true);
  expect(decideTarget(policy, { host: "2001:db8::1", port: 443 }, 0).allowed).toBe(true);
  const refused = [
    { host: "registry.test", port: 80 },
    { host: "a.registry.test", port: 443 },
    { host: "registry.test.evil", port: 443 },
    { host: "xregistry.test", port: 443 },
  ];
  for (const target of refused) expect(decideTarget(policy, target, 0).allowed).toBe(false);
  expect(decideTarget({ mode: "none" }, registry, 0).allowed).toBe(false);
});

test("used-up traffic closes an open policy", () => {
  expect(decideTarget(policy, registry, 999).allowed).toBe(true);
  expect(decideTarget(policy, registry, 1000)).toMatchObject({
    allowed: false,
    reason: "The limit of 1000 bytes of traffic is used up.",
  });
});

test("one bad address among good ones refuses the name", () => {
  expect(decideAddresses(registry, ["93.184.215.14"], []).allowed).toBe(true);
  expect(decideAddresses(registry, ["93.184.215.14", "10.0.0.1"], []).allowed).toBe(false);
  expect(decideAddresses(registry, [], []).allowed).toBe(false);
  expect(decideAddresses(registry, ["what"], []).allowed).toBe(false);
});

test("the operator's word opens a private address for that origin, never a metadata address", () => {
  const word = ["registry.test:443"];
  expect(decideAddresses(registry, ["10.0.0.1"], word).allowed).toBe(true);
  expect(decideAddresses({ ...registry, port: 80 }, ["10.0.0.1"], word).allowed).toBe(false);
  expect(decideAddresses(registry, ["169.254.169.254"], word).allowed).toBe(false);
  expect(decideAddresses(registry, ["what"], word).allowed).toBe(false);
});

test("TLS has to be meant for the target", () => {
  expect(decideServerName(registry, "Registry.TEST").allowed).toBe(true);
  expect(decideServerName(registry, "other.test").allowed).toBe(false);
  expect(decideServerName(registry, null).allowed).toBe(false);
  expect(decideServerName({ host: "93.184.215.14", port: 443 }, null).allowed).toBe(true);
  expect(decideServerName({ host: "93.184.215.14", port: 443 }, "a.test").allowed).toBe(false);
});

test("refusals are kept once each and counted, cleaned and bounded", () => {
  const refusal = { host: "a\u0000\nb", port: 1, reason: "r\u001b]8;;x", command: "x".repeat(900) };
  const once = withRefusal([], refusal);
  expect(once).toEqual([
    { host: "a b", port: 1, reason: "r ]8;;x", command: `${"x".repeat(197)}...`, count: 1 },
  ]);
  expect(withRefusal(once, refusal)).toEqual([{ ...once[0], count: 2 }]);
  let many: readonly EgressRefusal[] = [];
  for (let port = 1; port <= 1000; port += 1) many = withRefusal(many, { ...refusal, port });
  expect(many).toHaveLength(200);
});

test("records of several sandboxes add up, and what came later is told from what was there", () => {
  const refusal = { host: "a.test", port: 1, reason: "r", command: "npm ci" };
  const first = withRefusal([], refusal);
  const then = withRefusal(withRefusal(first, refusal), { ...refusal, host: "b.test" });
  expect(refusalsSince(first, then)).toEqual([
    { ...refusal, count: 1 },
    { ...refusal, host: "b.test", count: 1 },
  ]);
  expect(sumRefusals(first, then)).toEqual([
    { ...refusal, count: 3 },
    { ...refusal, host: "b.test", count: 1 },
  ]);
});
