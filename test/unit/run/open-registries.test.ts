import { expect, it } from "vitest";
import type { Project } from "../../../src/check/project.ts";
import { Failure } from "../../../src/errors.ts";
import { installOnline } from "../../../src/run/open-registries.ts";
import type { EgressPolicy } from "../../../src/sandbox/egress.ts";
import type { Registry } from "../../../src/sandbox/egress-registry.ts";
import type { ExecOptions } from "../../../src/sandbox/sandbox.ts";
import { createScriptedSandbox, type ScriptedAnswer } from "../../fakes/scripted-sandbox.ts";

const project: Project = {
  packageManager: "pnpm",
  install: "pnpm install --frozen-lockfile",
  test: { command: "pnpm test", runner: "tap" },
  findings: [],
};
const registries: readonly Registry[] = [
  { name: "npm", kind: "npm", url: "https://packages.test/" },
  { name: "cargo", kind: "cargo", url: "https://crates.test/" },
];

/** Installs in a sandbox that answers so; `policies` says what was open, and when. */
async function scene(answer: (options: ExecOptions) => ScriptedAnswer) {
  const policies: EgressPolicy[] = [];
  const scripted = createScriptedSandbox((_, options) => answer(options));
  const sandbox = {
    ...scripted,
    setEgress: async (policy: EgressPolicy) => void policies.push(policy),
  };
  const ports = { registries: { origins: ["downloads.test:443"], registries } };
  const { signal } = new AbortController();
  const installed = installOnline(ports, sandbox, project, signal);
  return { installed, policies, commands: scripted.commands, written: scripted.written };
}

const OPEN = { mode: "allow", origins: ["downloads.test:443"], registries };

it("opens the registries for the install command and leads its clients there", async () => {
  const { installed, policies, commands, written } = await scene(() => ({ out: "done" }));
  expect(await installed).toMatchObject({ command: project.install });
  expect(policies).toMatchObject([OPEN, { mode: "none" }]);
  expect(commands.map(({ argv }) => argv.at(-1))).toEqual([project.install]);
  expect(commands[0]?.options.env).toMatchObject({
    npm_config_registry: "http://127.0.0.1:3128/npm/",
  });
  expect(written.map(({ path }) => path)).toEqual(["/home/job/.cargo/config.toml"]);
});

it.each<[string, () => ScriptedAnswer]>([
  ["fails", () => ({ exitCode: 1 })],
  ["takes too long", () => ({ end: "timeout" })],
  ["loses its sandbox", () => ({ end: "lost" })],
  [
    "can't even be started",
    () => {
      throw new Failure("limit-reached", "no-process", "No process.");
    },
  ],
])("closes them when the installation %s", async (_, answer) => {
  const { installed, policies } = await scene(answer);
  await expect(installed).rejects.toBeInstanceOf(Failure);
  expect(policies).toMatchObject([OPEN, { mode: "none" }]);
});
