import type Docker from "dockerode";
import { type Finding, ratio } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import { openPlace, succeed, TRUE } from "./place.ts";

/** A command through the engine's API beside one through the guest; there is no goal, it is what others do. */
export async function measureExec(runtime: string, rounds: number): Promise<readonly Finding[]> {
  await using place = await openPlace(runtime);
  await using sandbox = await place.create();
  const container = place.docker.getContainer(sandbox.id);
  const sides = {
    engine: () => timed(() => engineExec(container)),
    guest: () => timed(() => succeed(sandbox, TRUE)),
  };
  const measured = await inTurns(sides, rounds);
  const what = "a command through the engine's API ÷ one through the guest";
  const about = { id: "exec", runtime, what, reason: "" };
  return [ratio(about, measured, ["engine", "guest"], ({ engine, guest }) => engine / guest)];
}

/** As the command line does it: make it, start it, read to its end, ask how it ended. */
async function engineExec(container: Docker.Container): Promise<void> {
  const exec = await container.exec({
    Cmd: [...TRUE],
    User: "1000:1000",
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: false });
  for await (const _ of stream); // ends with the program
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`${TRUE[0]} through the engine ended with ${ExitCode}.`);
}
