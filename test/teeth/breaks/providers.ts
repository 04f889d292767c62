import type { Break } from "../break.ts";

const QEMU = {
  promise: "microvm-walls",
  file: "src/sandbox/providers/microvm/qemu-arguments.ts",
  test: "test/unit/sandbox/providers/microvm/qemu-arguments.test.ts",
} as const;
const CONFINED = { ...QEMU, file: "src/sandbox/providers/microvm/confinement.ts" };
const TEMPLATE = {
  promise: "microvm-template",
  file: "src/sandbox/providers/microvm/template.ts",
  test: "test/unit/sandbox/providers/microvm/template-key.test.ts",
} as const;
const BWRAP = {
  promise: "bubblewrap-walls",
  file: "src/sandbox/providers/bubblewrap/bwrap-arguments.ts",
  test: "test/unit/sandbox/providers/bubblewrap/bwrap-arguments.test.ts",
} as const;
const FILTER = {
  ...BWRAP,
  file: "src/sandbox/providers/bubblewrap/seccomp-filter.ts",
  test: "test/unit/sandbox/providers/bubblewrap/seccomp-filter.test.ts",
};
const GROUPS = {
  promise: "bubblewrap-limits",
  file: "src/sandbox/providers/bubblewrap/control-groups.ts",
  test: "test/unit/sandbox/providers/bubblewrap/control-groups.test.ts",
} as const;

/** Providers other than Docker's: their walls and limits. */
export const providerBreaks: readonly Break[] = [
  {
    ...QEMU,
    id: "vm-network",
    find: '["-nodefaults", "-no-user-config", "-no-reboot"],',
    replace: '["-no-user-config", "-no-reboot", "-nic", "user"],',
    name: "nothing that leads outside",
  },
  {
    ...QEMU,
    id: "vm-root-writable",
    find: '"readonly=on,cache=unsafe"',
    replace: '"cache=unsafe"',
    name: "only the workspace can be written to",
  },
  {
    ...QEMU,
    id: "vm-spawns",
    find: "elevateprivileges=deny,spawn=deny,",
    replace: "elevateprivileges=deny,",
    name: "qemu may start nothing",
  },
  {
    ...CONFINED,
    id: "vm-capabilities",
    find: '    "--bounding-set=-all",\n',
    replace: "",
    name: "qemu runs as a user of its own",
  },
  {
    ...CONFINED,
    id: "vm-outlives-dunlin",
    find: '    "--pdeathsig=KILL",\n',
    replace: "",
    name: "dies with its parent",
  },
  {
    ...QEMU,
    id: "vm-emulated-unasked",
    promise: "strong-runtime",
    file: "src/sandbox/providers/microvm/microvm-provider.ts",
    find: "const emulated = emulationAllowed",
    replace: "const emulated = emulationAllowed || !kvm.usable",
    test: "test/unit/sandbox/providers/microvm/host.test.ts",
    name: "emulation only where it is allowed",
  },
  {
    ...TEMPLATE,
    id: "template-after-boot",
    find: "const content = [qemuVersion, processor, bootId, args,",
    replace: "const content = [qemuVersion, processor, args,",
    name: "the host's boot",
  },
  {
    ...TEMPLATE,
    id: "template-of-another-image",
    find: "kernel, initrd, root, blank];",
    replace: "kernel, initrd, blank];",
    name: "the image",
  },
  {
    ...BWRAP,
    id: "bwrap-host-network",
    find: '"--unshare-net", ',
    replace: "",
    name: "every name space is its own",
  },
  {
    ...BWRAP,
    id: "bwrap-capability",
    find: '"CAP_SETUID", "CAP_SETGID", "CAP_KILL"]',
    replace: '"CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SYS_ADMIN"]',
    name: "no right is kept but those of the guest",
  },
  {
    ...BWRAP,
    id: "bwrap-host-etc",
    find: '  "ssl/certs",\n',
    replace: '  "ssl",\n',
  },
  {
    ...BWRAP,
    id: "bwrap-root-writable",
    find: '"--remount-ro", "/", "--chdir"',
    replace: '"--chdir"',
    name: "what is mounted below a folder comes after it",
  },
  {
    ...FILTER,
    id: "filter-other-architecture",
    find: "answer(KILL_PROCESS),",
    replace: "answer(ALLOW),",
    name: "calls of another architecture end the process",
  },
  {
    ...FILTER,
    id: "filter-open-end",
    find: "    ...ranges(plain).flatMap(allowRange),\n    answer(ERRNO | EPERM),",
    replace: "    ...ranges(plain).flatMap(allowRange),\n    answer(ALLOW),",
    name: "every number is judged as the profile says",
  },
  {
    ...FILTER,
    id: "filter-flags-unseen",
    find: "jump(IF_ANY_BIT, value, 1, 0);",
    replace: "jump(IF_ANY_BIT, value, 0, 0);",
    name: "arguments decide where they have to",
  },
  {
    ...GROUPS,
    id: "bwrap-swap",
    find: '{ file: "memory.memsw.limit_in_bytes", value: bytes, mayLack: true },',
    replace: "",
    name: "none for swapping",
  },
  {
    ...GROUPS,
    id: "bwrap-pids",
    find: "value: `${limits.pids + 1}`",
    replace: 'value: "max"',
    name: "processes, processor and the freezer",
  },
  {
    ...GROUPS,
    id: "bwrap-any-folder",
    promise: "own-names",
    find: "/^\\/.+\\/dunlin-[a-z0-9-]+$/",
    replace: "/^\\/.+$/",
    test: "test/unit/sandbox/providers/bubblewrap/records.test.ts",
    name: "is no record",
  },
];
