import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { prepareEnvironment } from "../../../../../src/workspace/mirrors/git/environment.ts";
import { pushBranch } from "../../../../../src/workspace/mirrors/git/push.ts";
import { talk } from "../../../../../src/workspace/mirrors/git/remote.ts";

const SECRET = "Basic Zk3-canary-9fQ7";
const SHA = "c".repeat(40);

/** A git that does nothing but write down how it was called. */
async function scene(hostEnv: Record<string, string> = {}) {
  const root = await mkdtemp(join(tmpdir(), "fake-git-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [bin, folder] = [join(root, "bin"), join(root, "scratch")];
  for (const path of [bin, folder]) await mkdir(path);
  const script = `#!/bin/sh
printf '%s\\n' "$*" >> ${root}/argv
env >> ${root}/env
`;
  await writeFile(join(bin, "git"), script);
  await chmod(join(bin, "git"), 0o755);
  const PATH = [bin, process.env["PATH"]].join(delimiter);
  const env = await prepareEnvironment(root, { ...hostEnv, PATH }, false);
  const remote = { url: "https://code.test/octo/fix-me.git", authorization: SECRET };
  return {
    call: { remote, folder, env, timeoutMs: 30_000 },
    argv: () => readFile(join(root, "argv"), "utf8"),
    environment: () => readFile(join(root, "env"), "utf8"),
    config: () => readFile(env["GIT_CONFIG_GLOBAL"] ?? "", "utf8"),
  };
}

it("hands the credential to git by the environment alone, never by argument, address or file", async () => {
  const { call, argv, environment, config } = await scene();
  await talk(call, ["ls-remote", "--", call.remote.url]);
  expect(await argv()).toBe("ls-remote -- https://code.test/octo/fix-me.git\n");
  expect(await config()).not.toContain("canary");
  expect((await environment()).split("\n").filter((line) => line.includes("canary"))).toEqual([
    `GIT_CONFIG_VALUE_0=Authorization: ${SECRET}`,
  ]);
});

it("gives git nothing of the host's environment but where programs and certificates are", async () => {
  const { call, environment } = await scene({
    OPENAI_API_KEY: "canary",
    GIT_SSH_COMMAND: "canary",
    HOME: "/canary",
    HTTPS_PROXY: "http://proxy.test",
  });
  await talk({ ...call, remote: { url: call.remote.url } }, ["version"]);
  expect(await environment()).not.toContain("canary");
  expect(await environment()).toContain("HTTPS_PROXY=http://proxy.test");
});

it("pushes one new ref and nothing by force", async () => {
  const { call, argv } = await scene();
  await pushBranch(call, SHA, "dunlin/5-it-breaks");
  const pushes = (await argv()).split("\n").filter((line) => line.startsWith("push "));
  expect(pushes).toHaveLength(1);
  expect(pushes[0]).toMatch(
    new RegExp(`-- https://code.test/octo/fix-me.git ${SHA}:refs/heads/dunlin/5-it-breaks$`),
  );
  expect(pushes[0]).not.toMatch(/force|--mirror|--delete|--all|--tags| \+/);
});
