import { describe, expect, it } from "vitest";
import type { ModelAnswer } from "../../../src/agent/model.ts";
import { Desk } from "../../../src/run/desk.ts";
import { resolveIssue } from "../../../src/run/resolve-issue.ts";
import { calling } from "../../fakes/agent-ports.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const baseline = { first: suiteRun({}), second: suiteRun({}) };
const question = "Which version shows it?";
const givingUp = calling(["give_up", { kind: "needs_info", question }]);
const planning = calling(["update_plan", { steps: [{ text: "Read", status: "pending" }] }]);

async function scene(...answers: readonly ModelAnswer[]) {
  const here = await openTestRun();
  const complete = here.model.complete.bind(here.model);
  here.model.complete = async (request, options) => {
    here.model.answer = answers[here.model.requests.length] ?? givingUp;
    return complete(request, options);
  };
  return {
    ...here,
    resolve: () => resolveIssue(here.run, readyRun, baseline, new Desk(here.run, readyRun)),
  };
}

describe("the model's turns", () => {
  it("end with the model's question when it gives up", async () => {
    const { resolve, run } = await scene(givingUp);
    await expect(resolve()).rejects.toMatchObject({
      kind: "invalid-request",
      code: "gave-up",
      message: question,
    });
    expect(run.turns).toBe(1);
  });

  it("are paid for once: a run that resumes asks nothing whose answer was stored", async () => {
    const { resolve, model, store, journal, run } = await scene(planning, planning, givingUp);
    await expect(resolve()).rejects.toMatchObject({ code: "gave-up" });
    const asked = [...model.requests];
    const spent = await store.spent(run.request.id);
    await expect(resolve()).rejects.toMatchObject({ code: "gave-up" });
    expect(model.requests).toEqual(asked);
    expect(await store.spent(run.request.id)).toEqual(spent);
    const steps = journal.entries.map(({ step }) => step).filter((step) => /^turn-1-/.test(step));
    expect(steps.slice(0, 3)).toEqual(["turn-1-inbox", "turn-1-model", "turn-1-tools"]);
  });

  it("show the plan in the status comment", async () => {
    const { resolve, host } = await scene(planning, givingUp);
    await expect(resolve()).rejects.toMatchObject({ code: "gave-up" });
    expect(host.commentsBy(5).join()).toContain("- [ ] Read");
  });

  it("get an instruction before the next request, marked as a maintainer's", async () => {
    const { resolve, run, store, model } = await scene(planning, givingUp);
    await store.addSteer(run.request.id, "k", "ada", "use a Map");
    await expect(resolve()).rejects.toMatchObject({ code: "gave-up" });
    const [first] = model.requests;
    expect(first?.messages.at(-1)?.text).toMatch(/<maintainer-instruction>\s*ada: use a Map/);
    expect(JSON.stringify(model.requests[1]).match(/use a Map/g)).toHaveLength(1);
  });

  it("stop when nothing may be spent any more", async () => {
    const { resolve, run, model } = await scene(planning);
    const limits = { ...run.ports.limits, runUsd: 0 };
    Object.assign(run.ports, { limits });
    await expect(resolve()).rejects.toMatchObject({ kind: "limit-reached", code: "run-cost" });
    expect(model.requests).toEqual([]);
  });
});
