import { expect, test } from "vitest";
import { type MachineFacts, planEngine } from "../../../setup/engine-plan.ts";

const bareDebianAsRoot: MachineFacts = {
  platform: "linux",
  isRoot: true,
  answering: undefined,
  dockerHost: undefined,
  denied: undefined,
  hasApt: true,
  installed: ["apt-get"],
};

test("an engine that answers is used and nothing is installed", () => {
  const plan = planEngine({ ...bareDebianAsRoot, answering: "/var/run/docker.sock" });
  expect(plan).toEqual({ do: "use", address: "/var/run/docker.sock" });
});

test("root on Debian gets an engine of its own and only the packages that are missing", () => {
  expect(planEngine(bareDebianAsRoot)).toEqual({
    do: "start",
    install: ["docker.io", "mmdebstrap", "bubblewrap"],
  });
  expect(planEngine({ ...bareDebianAsRoot, installed: ["dockerd"] })).toEqual({
    do: "start",
    install: ["mmdebstrap", "bubblewrap"],
  });
  const all = ["dockerd", "mmdebstrap", "bwrap"];
  expect(planEngine({ ...bareDebianAsRoot, installed: all })).toEqual({ do: "start", install: [] });
});

test("root elsewhere starts the daemon that is there and installs nothing", () => {
  const facts = { ...bareDebianAsRoot, hasApt: false, installed: ["dockerd"] };
  expect(planEngine(facts)).toEqual({ do: "start", install: [] });
});

test.each([
  [
    "an address of the operator's where nothing answers",
    { dockerHost: "tcp://box:2375" },
    "tcp://box:2375",
  ],
  [
    "a socket of another group",
    { isRoot: false, denied: "/var/run/docker.sock" },
    "usermod -aG docker",
  ],
  ["no root", { isRoot: false }, "sudo npm run setup"],
  ["another operating system", { platform: "darwin", isRoot: false }, "Docker Desktop"],
  ["no apt and no daemon", { hasApt: false, installed: [] }, "install Docker"],
])("%s: says the one thing to do and touches nothing", (_, facts, advice) => {
  const plan = planEngine({ ...bareDebianAsRoot, ...facts });
  expect(plan).toMatchObject({ do: "tell", message: expect.stringContaining(advice) });
});
