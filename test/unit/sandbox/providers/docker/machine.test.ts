import { setImmediate as turn } from "node:timers/promises";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { containerMachine } from "../../../../../src/sandbox/providers/docker/machine.ts";
import { evidenceOf } from "../../../../fakes/evidence.ts";

/** A container that is paused when its engine is told to go on, and not before. */
function slowContainer() {
  const steps: string[] = [];
  const pausing = Promise.withResolvers<void>();
  const container = new Docker({ socketPath: "/nowhere" }).getContainer("ab".repeat(32));
  let paused = false;
  container.inspect = async () =>
    ({ State: { Pid: 0, Paused: paused } }) as Docker.ContainerInspectInfo;
  container.pause = async () => {
    steps.push("pause begins");
    await pausing.promise;
    paused = true;
    steps.push("pause ends");
  };
  container.unpause = async () => {
    paused = false;
    steps.push("unpause");
  };
  container.wait = async () => void steps.push("wait");
  container.remove = async () => void steps.push("remove");
  return { container, steps, endPause: pausing.resolve };
}

test("a container that is being paused is removed once it stands still, and let go first", async () => {
  const { container, steps, endPause } = slowContainer();
  const machine = containerMachine(container, evidenceOf().isolation);
  const freezing = machine.freezer?.freeze();
  const removing = machine.remove();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(steps).toEqual(["pause begins"]);
  endPause();
  await Promise.all([freezing, removing]);
  expect(steps).toEqual(["pause begins", "pause ends", "unpause", "wait", "remove"]);
});
