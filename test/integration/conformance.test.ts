import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAWS } from "../conformance/all-laws.ts";
import { type Judgement, judgeAll } from "../conformance/judge.ts";
import { SHORT_FORM } from "../conformance/short-form.ts";
import { type OpenStage, openStage } from "../conformance/stage.ts";
import { docker } from "./sandbox-fixture.ts";

const runtimes = Object.keys((await docker.info()).Runtimes ?? {});
const laws = Object.values(LAWS)
  .flat()
  .filter(({ promise }) => SHORT_FORM.includes(promise));

test("the short form has only laws that there are", () => {
  expect(laws.map(({ promise }) => promise).sort()).toEqual([...SHORT_FORM].sort());
});

for (const runtime of ["runc", "runsc"]) {
  describe.skipIf(!runtimes.includes(runtime))(`sandboxes of docker on ${runtime}`, () => {
    const judgements: Judgement[] = [];
    let stage: OpenStage;
    beforeAll(async () => {
      stage = await openStage("docker", runtime);
      await judgeAll(stage, laws, (judgement) => judgements.push(judgement));
    }, 600_000);
    afterAll(() => stage[Symbol.asyncDispose]());

    test.each(SHORT_FORM)("%s", (promise) => {
      const judgement = judgements.find((one) => one.promise === promise);
      expect(judgement?.reason ?? "").toMatch(/^$|^It needs /);
      expect(judgement?.outcome).toMatch(/^(passed|declared out)$/);
    });
  });
}
