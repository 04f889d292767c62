import { expect, test } from "vitest";
import {
  bwrapArguments,
  folderOptions,
} from "../../../../../src/sandbox/providers/bubblewrap/bwrap-arguments.ts";

const MERGED = {
  links: new Map([
    ["bin", "usr/bin"],
    ["lib", "usr/lib"],
  ]),
  folders: [],
  proc: new Set(["sys", "keys", "kcore", "acpi", "self"]),
};
const GROUP = {
  version: 1,
  folder: "/sys/fs/cgroup/memory/dunlin-1",
  controllers: ["memory"],
} as const;

/** What is mounted from where, each in the order of its options. */
function mounts(words: readonly string[]): (readonly [kind: string, from: string, to: string])[] {
  return words.flatMap((word, index) =>
    /^--(ro-)?bind(-try)?$|^--symlink$/.test(word)
      ? [[word, words[index + 1] ?? "", words[index + 2] ?? ""] as const]
      : [],
  );
}

test("nothing of the host can be written, and of its folders only what has programs is shown", () => {
  const all = mounts(bwrapArguments(MERGED, [GROUP]));
  for (const [kind, from, to] of all) {
    if (kind === "--bind")
      expect([from, to]).toEqual([expect.stringMatching(/^\/mnt\/stage\//), to]);
    if (kind !== "--symlink")
      expect(from).toMatch(/^\/(usr|mnt|etc|proc|dev\/null|sys\/fs\/cgroup)(\/|$)/);
  }
  const etc = all.flatMap(([, from]) => /^\/etc\/(.*)/.exec(from)?.[1] ?? []);
  expect(etc).not.toContain("");
  for (const secret of ["shadow", "ssh", "ssl", "ssl/private", "sudoers", "docker", "npmrc"]) {
    expect(etc).not.toContain(secret);
  }
});

test("every name space is its own, and no right is kept but those of the guest", () => {
  const words = bwrapArguments(MERGED, []);
  for (const name of ["pid", "net", "ipc", "uts", "cgroup"])
    expect(words).toContain(`--unshare-${name}`);
  expect(words).toEqual(
    expect.arrayContaining(["--die-with-parent", "--clearenv", "--new-session"]),
  );
  expect(words.slice(words.indexOf("--cap-drop"), words.indexOf("--cap-drop") + 2)).toEqual([
    "--cap-drop",
    "ALL",
  ]);
  const added = words.filter((_, index) => words[index - 1] === "--cap-add");
  expect(added).toEqual(["CAP_SETUID", "CAP_SETGID", "CAP_KILL"]);
  expect(words).not.toContain("--dev-bind");
});

test("what is mounted below a folder comes after it", () => {
  const targets = mounts(bwrapArguments(MERGED, [])).map(([, , to]) => to);
  expect(targets.indexOf("/usr/local")).toBeGreaterThan(targets.indexOf("/usr"));
  const words = bwrapArguments(MERGED, []);
  expect(words.indexOf("/proc/keys")).toBeGreaterThan(words.indexOf("--proc"));
  expect(words.indexOf("/dev/shm")).toBeGreaterThan(words.indexOf("--dev"));
  expect(words.slice(-4)).toEqual(["--remount-ro", "/", "--chdir", "/"]);
});

test("only what this kernel has in /proc is covered", () => {
  const covered = mounts(bwrapArguments(MERGED, [])).map(([, , to]) => to);
  expect(covered.filter((to) => to.startsWith("/proc/"))).toEqual([
    "/proc/sys",
    "/proc/kcore",
    "/proc/keys",
  ]);
  expect(bwrapArguments(MERGED, [])).toContain("/proc/acpi");
  expect(bwrapArguments({ ...MERGED, proc: new Set() }, [])).not.toContain("/proc/acpi");
});

test("a host that has programs beside /usr shows those folders, too", () => {
  const all = mounts(bwrapArguments({ ...MERGED, links: new Map(), folders: ["bin"] }, []));
  expect(all).toContainEqual(["--ro-bind", "/bin", "/bin"]);
  expect(all.filter(([kind]) => kind === "--symlink")).toEqual([]);
});

test("a sandbox sees its own control groups where programs look for them", () => {
  const v1 = mounts(bwrapArguments(MERGED, [GROUP]));
  expect(v1).toContainEqual(["--ro-bind", GROUP.folder, "/sys/fs/cgroup/memory"]);
  const v2 = mounts(bwrapArguments(MERGED, [{ ...GROUP, version: 2 }]));
  expect(v2).toContainEqual(["--ro-bind", GROUP.folder, "/sys/fs/cgroup"]);
});

test("the folders that a job writes to have sizes and owners", () => {
  const limits = { cpus: 1, memoryMiB: 1, pids: 1, workspaceMiB: 100 };
  const { tmp, home, workspace } = folderOptions(limits, { root: 5000, job: 5001 });
  expect(workspace).toBe("nosuid,nodev,nr_inodes=500k,mode=0755,uid=5001,gid=5001,size=100m");
  expect(home).toMatch(/uid=5001,gid=5001,size=50m$/);
  expect(tmp).toMatch(/mode=1777,uid=5000,gid=5000,size=50m$/);
});
