import { expect, it } from "vitest";
import { openInbox } from "../../../src/run/inbox.ts";
import { openTestRun } from "../../fakes/open-run.ts";

async function scene() {
  const { run, store, journal } = await openTestRun();
  const say = (key: string, text: string) => store.addSteer(run.request.id, key, "ada", text);
  return { run, journal, say, inbox: openInbox(run) };
}

it("gives each instruction once, in order, with who said it", async () => {
  const { inbox, say } = await scene();
  await say("a", "use a Map");
  await say("b", "keep the name");
  expect(await inbox.next(1)).toEqual(["ada: use a Map", "ada: keep the name"]);
  expect(await inbox.next(2)).toEqual([]);
  await say("c", "add a test");
  expect(await inbox.next(3)).toEqual(["ada: add a test"]);
});

it("gives what the step before has found, without another look", async () => {
  const { inbox, say, journal } = await scene();
  await say("a", "use a Map");
  inbox.keep(await inbox.look());
  await say("b", "too late for this turn");
  expect(await inbox.next(2)).toEqual(["ada: use a Map"]);
  expect(journal.entries.map(({ step }) => step)).not.toContain("turn-2-inbox");
  expect(await inbox.next(3)).toEqual(["ada: too late for this turn"]);
});

it("gives a run that resumes the same instructions before the same turns", async () => {
  const { run, inbox, say } = await scene();
  await say("a", "use a Map");
  const first = [await inbox.next(1), await inbox.next(2)];
  await say("b", "came after the crash");
  const again = openInbox(run);
  expect([await again.next(1), await again.next(2)]).toEqual(first);
  expect(await again.next(3)).toEqual(["ada: came after the crash"]);
});
