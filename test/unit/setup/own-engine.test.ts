import { expect, test } from "vitest";
import { enabledControllers, isMounted } from "../../../setup/cgroups.ts";
import { gvisorSource } from "../../../setup/gvisor.ts";
import { daemonConfig, subordinateIds } from "../../../setup/own-engine.ts";

const paths = { folder: "/d/docker", running: "/run/x", socket: "/run/x/docker.sock" };

test("the daemon gives containers no network and keeps its files to itself", () => {
  const config = daemonConfig({ ...paths, runsc: undefined, userNamespaces: false });
  expect(config).toMatchObject({ bridge: "none", iptables: false, "data-root": "/d/docker" });
  expect(config["hosts"]).toEqual(["unix:///run/x/docker.sock"]);
  expect(Object.keys(config)).not.toContain("userns-remap");
  expect(Object.keys(config)).not.toContain("runtimes");
});

test("gVisor has no network of its own and root is nobody on the host", () => {
  const config = daemonConfig({ ...paths, runsc: "/d/runsc", userNamespaces: true });
  expect(config["userns-remap"]).toBe("default");
  expect(config["runtimes"]).toEqual({
    runsc: { path: "/d/runsc", runtimeArgs: ["--network=none"] },
  });
});

test("ids for the remapped root never overlap another user's", () => {
  expect(subordinateIds("", "dockremap")).toBe("dockremap:500000:65536\n");
  expect(subordinateIds("ann:600000:65536\n", "dockremap")).toBe("dockremap:665536:65536\n");
  expect(subordinateIds("ann:1000:10\ndockremap:700000:65536\n", "dockremap")).toBeUndefined();
});

test("control groups of either version are recognised, and only where they belong", () => {
  const first = "cgroup /sys/fs/cgroup/devices cgroup rw,relatime,devices 0 0\n";
  const second = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
  const hybrid = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
  expect(isMounted(first, "/sys/fs/cgroup")).toBe(true);
  expect(isMounted(second, "/sys/fs/cgroup")).toBe(true);
  expect(isMounted(hybrid, "/sys/fs/cgroup")).toBe(false);
  expect(isMounted(first.replace("devices", "x"), "/elsewhere")).toBe(false);
});

test("only controllers in a hierarchy of version 1 are mounted as such", () => {
  const table =
    "#subsys_name\thierarchy\tnum\tenabled\ncpu\t1\t3\t1\nnet_cls\t0\t2\t1\nrdma\t4\t1\t0\n";
  expect(enabledControllers(table)).toEqual(["cpu"]);
});

test("gVisor comes from the mirror that the host uses already", () => {
  const main = {
    uri: "http://mirror/debian",
    suite: "bookworm",
    components: ["main"],
    signedBy: "/k",
  };
  const debian = { distribution: "debian", release: "bookworm", sources: [main] };
  expect(gvisorSource(debian)).toEqual({ ...main, suite: "bookworm-backports" });
  const universe = { ...main, suite: "noble", components: ["main", "universe"] };
  const ubuntu = { distribution: "ubuntu", release: "noble", sources: [universe] };
  expect(gvisorSource(ubuntu)).toBe(universe);
  expect(gvisorSource({ ...debian, distribution: "fedora", sources: [] })).toBeUndefined();
});
