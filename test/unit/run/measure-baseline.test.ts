import { expect, it } from "vitest";
import { Desk } from "../../../src/run/desk.ts";
import { measureBaseline } from "../../../src/run/measure-baseline.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";
import { fakeSandboxes } from "../../fakes/sandboxes.ts";
import { createScriptedSandbox } from "../../fakes/scripted-sandbox.ts";
import { KEY } from "../../fakes/sealed.ts";

it("a suite that can't run at all ends the run before a model request is paid for", async () => {
  const sandboxes = {
    ...fakeSandboxes(),
    create: async () => ({
      ...createScriptedSandbox((argv) => {
        const script = argv.join(" ");
        if (script.includes("pwd -P")) return { out: `/workspace\n${KEY}\n/usr/bin/node\n` };
        if (!script.includes("npm test")) return {};
        return { exitCode: 1, err: "Error: connect ECONNREFUSED 127.0.0.1:5432\n" };
      }),
      setEgress: async () => {},
    }),
  };
  const { run, model } = await openTestRun({ sandboxes });
  const failed = measureBaseline(run, readyRun, new Desk(run, readyRun));
  await expect(failed).rejects.toMatchObject({
    kind: "invalid-request",
    code: "suite-does-not-run",
  });
  await expect(failed).rejects.toThrow(/service \(127\.0\.0\.1:5432\)[\s\S]*dunlin\.yml/);
  expect(model.requests).toEqual([]);
});
