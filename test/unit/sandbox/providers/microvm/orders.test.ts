import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { openMonitor } from "../../../../../src/sandbox/providers/microvm/monitor.ts";
import { takeOrders } from "../../../../../src/sandbox/providers/microvm/orders.ts";

test("an order is done, or fails with the machine's own words", async () => {
  const [host, machine] = duplexPair();
  const orders = takeOrders(host, 10_000);
  machine.on("data", (data) => {
    machine.write(String(data).startsWith("hold") ? "done\n" : "failed no such disk \n\n");
  });
  await orders.give("hold");
  await expect(orders.give("start 1 2 3")).rejects.toMatchObject({
    code: "machine-order-failed",
    message: expect.stringContaining("no such disk"),
  });
});

test("silence and the machine's end are failures too", async () => {
  const [host, machine] = duplexPair();
  await expect(takeOrders(host, 1).give("hold")).rejects.toThrow("no answer came in time");
  const [otherHost, otherMachine] = duplexPair();
  const given = takeOrders(otherHost, 10_000).give("hold");
  otherMachine.destroy();
  await expect(given).rejects.toThrow("the machine has ended");
  machine.destroy();
});

test("what the machine says at its end about memory is kept", async () => {
  const [host, machine] = duplexPair();
  const orders = takeOrders(host, 10_000);
  expect(orders.memoryKills()).toBeUndefined();
  machine.write("ended 3\n");
  machine.on("data", () => machine.write("done\n"));
  await orders.give("hold");
  expect(orders.memoryKills()).toBe(3);
});

test("the monitor finds the answer to each command among greeting and events", async () => {
  const [host, qemu] = duplexPair();
  qemu.write('{"QMP":{"version":{}}}\n{"event":"STOP"}\n');
  let rest = "";
  qemu.on("data", (data) => {
    rest += String(data);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { execute, id } = JSON.parse(line);
      const answer =
        execute === "cont" ? { error: { desc: "not now" } } : { return: { of: execute } };
      qemu.write(`${JSON.stringify({ id, ...answer })}\n`);
    }
  });
  const monitor = await openMonitor(host);
  const [status, stopped] = await Promise.all([monitor.run("query-status"), monitor.run("stop")]);
  expect([status, stopped]).toEqual([{ of: "query-status" }, { of: "stop" }]);
  await expect(monitor.run("cont")).rejects.toMatchObject({
    code: "qemu-failed",
    message: expect.stringContaining("not now"),
  });
  qemu.removeAllListeners("data").end();
  await expect(monitor.run("stop")).rejects.toMatchObject({ code: "qemu-failed" });
});
