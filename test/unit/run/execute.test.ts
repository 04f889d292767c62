import { expect, it } from "vitest";
import { STOPPING } from "../../../src/engine/engine.ts";
import { Failure } from "../../../src/errors.ts";
import { execute } from "../../../src/run/execute.ts";
import { openTestRun, runRequest } from "../../fakes/open-run.ts";

const steps = {
  id: "w",
  step: <T>(_name: string, body: (signal: AbortSignal) => Promise<T>) =>
    body(new AbortController().signal),
};

it("a run that can't even be opened doesn't stay open", async () => {
  const { run, store } = await openTestRun();
  const hosts = { repository: () => Promise.reject(new Error("disk full")) };
  await expect(execute({ ...run.ports, hosts }, steps, runRequest)).rejects.toThrow("disk full");
  expect(store.runs.get(runRequest.id)).toMatchObject({
    state: "failed",
    outcome: "bug/unexpected",
  });
});

it("a run that the process's end cuts short stays as it is and tells nobody", async () => {
  const { run, store, host } = await openTestRun();
  const stopping = {
    id: "w",
    step: () => Promise.reject(new Failure("cancelled", STOPPING, "Dunlin stops.")),
  };
  await expect(execute(run.ports, stopping, runRequest)).rejects.toMatchObject({ code: STOPPING });
  expect(store.runs.get(runRequest.id)).toMatchObject({ state: "working" });
  expect([...host.written]).toEqual([]);
});
