import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAWS } from "../conformance/all-laws.ts";
import { type Judgement, judgeAll } from "../conformance/judge.ts";
import { SHORT_FORM } from "../conformance/short-form.ts";
import { type OpenStage, openStage } from "../conformance/stage.ts";
import { type DisposablePodman, startDisposablePodman, whyNoPodman } from "./disposable-podman.ts";

const why = whyNoPodman();
const laws = Object.values(LAWS)
  .flat()
  .filter(({ promise }) => SHORT_FORM.includes(promise));

describe.skipIf(why !== undefined)(
  `sandboxes of Podman${why ? ` are not tried, ${why}` : ""}`,
  () => {
    const judgements: Judgement[] = [];
    const before = process.env["DOCKER_HOST"];
    let podman: DisposablePodman;
    let stage: OpenStage;
    beforeAll(async () => {
      podman = await startDisposablePodman();
      process.env["DOCKER_HOST"] = podman.host;
      stage = await openStage("docker", undefined);
      await judgeAll(stage, laws, (judgement) => judgements.push(judgement));
    }, 900_000);
    afterAll(async () => {
      await stage?.[Symbol.asyncDispose]();
      if (before === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = before;
      await podman?.[Symbol.asyncDispose]();
    }, 300_000);

    test("it is Podman that makes them, and its capabilities are its own", () => {
      expect(stage.runtime).toBe("runc");
      expect(stage.capabilities).toMatchObject({ reconnect: false, pause: true });
      expect(stage.capabilities.limits).toContain("pids");
    });

    test.each(SHORT_FORM)("%s", (promise) => {
      const judgement = judgements.find((one) => one.promise === promise);
      expect(judgement?.reason ?? "").toMatch(/^$|^There is no /);
      expect(judgement?.outcome).toMatch(/^(passed|declared out)$/);
    });
  },
);
