import { expect, test } from "vitest";
import { compileSeccomp } from "../../../../../src/sandbox/providers/bubblewrap/seccomp-filter.ts";
import {
  type FilterArch,
  syscallNumbers,
} from "../../../../../src/sandbox/providers/bubblewrap/syscall-numbers.ts";
import { seccompRules } from "../../../../../src/sandbox/providers/docker/seccomp.ts";

const ARCHES = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const I386 = 0x40000003;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (number: number) => 0x00050000 | number;

type Call = { readonly arch: number; readonly number: number; readonly first?: number };

/** What the kernel does with the program: there are only these six instructions in it. */
function run(program: Uint8Array, { arch, number, first = 0 }: Call): number {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const words = new Map([
    [0, number],
    [4, arch],
    [16, first],
  ]);
  let loaded = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const [ifSo, ifNot] = [view.getUint8(at * 8 + 2), view.getUint8(at * 8 + 3)];
    const value = view.getUint32(at * 8 + 4, true);
    const code = view.getUint16(at * 8, true);
    if (code === 0x06) return value;
    if (code === 0x20) loaded = words.get(value) ?? Number.NaN;
    else at += tests(code, loaded, value) ? ifSo : ifNot;
  }
  throw new Error("The program ran over its end.");
}

function tests(code: number, loaded: number, value: number): boolean {
  if (code === 0x15) return loaded === value;
  if (code === 0x25) return loaded > value;
  if (code === 0x35) return loaded >= value;
  if (code === 0x45) return (loaded & value) !== 0;
  throw new Error(`There is no instruction ${code}.`);
}

/** The profile's own words for a call without arguments that matter. */
function plainlyAllowed(): ReadonlySet<string> {
  const rules = seccompRules().filter(
    ({ action, args }) => action === "SCMP_ACT_ALLOW" && args === undefined,
  );
  return new Set(rules.flatMap(({ names }) => names));
}

test.each(Object.entries(ARCHES))(
  "on %s every number is judged as the profile says",
  (name, arch) => {
    const numbers = syscallNumbers(name as FilterArch);
    const program = compileSeccomp(seccompRules(), name as FilterArch);
    const allowed = new Set([...plainlyAllowed()].flatMap((call) => numbers.get(call) ?? []));
    const judgedByArgument = ["socket", "personality", "clone", "clone3"];
    const special = new Set(judgedByArgument.map((call) => numbers.get(call)));
    expect(allowed.size).toBeGreaterThan(250);
    for (let number = 0; number < 1024; number += 1) {
      if (special.has(number)) continue;
      const verdict = run(program, { arch, number });
      expect([number, verdict]).toEqual([number, allowed.has(number) ? ALLOW : errno(1)]);
    }
    expect(run(program, { arch, number: 0x4000_0000 })).toBe(errno(1));
    expect(run(program, { arch, number: 0xffff_ffff })).toBe(errno(1));
  },
);

test.each(Object.entries(ARCHES))("on %s arguments decide where they have to", (name, arch) => {
  const numbers = syscallNumbers(name as FilterArch);
  const program = compileSeccomp(seccompRules(), name as FilterArch);
  const verdict = (call: string, first: number) =>
    run(program, { arch, number: numbers.get(call) ?? Number.NaN, first });
  for (const family of [1, 2, 10, 16]) expect(verdict("socket", family)).toBe(ALLOW);
  for (const family of [0, 17, 38, 40, 44]) expect(verdict("socket", family)).toBe(errno(1));
  expect(verdict("personality", 0xffff_ffff)).toBe(ALLOW);
  expect(verdict("personality", 0x0040000)).toBe(errno(1)); // ADDR_NO_RANDOMIZE
  expect(verdict("clone", 0x01200011)).toBe(ALLOW); // fork
  expect(verdict("clone", 0x003d0f00)).toBe(ALLOW); // a thread
  for (const flag of [0x1000_0000, 0x2000_0000, 0x4000_0000, 0x0002_0000, 0x0200_0000]) {
    expect(verdict("clone", flag | 17)).toBe(errno(1));
  }
  expect(verdict("clone3", 0)).toBe(errno(38));
});

test("calls of another architecture end the process", () => {
  const program = compileSeccomp(seccompRules(), "x64");
  for (const arch of [I386, ARCHES.arm64, 0]) {
    expect(run(program, { arch, number: 0 })).toBe(KILL);
  }
});

test("every name of the profile has a number, but for those of 32-bit processors", () => {
  const known = new Set(
    Object.keys(ARCHES).flatMap((arch) => [...syscallNumbers(arch as FilterArch).keys()]),
  );
  const names = new Set(seccompRules().flatMap((rule) => rule.names));
  const without = [...names].filter((name) => !known.has(name));
  expect(without.filter((name) => !name.endsWith("64")).sort()).toEqual([
    "_llseek",
    "_newselect",
    "ipc",
    "mmap2",
    "recv",
    "riscv_hwprobe",
    "send",
    "sigprocmask",
    "sigreturn",
    "ugetrlimit",
    "waitpid",
  ]);
  expect([...known].filter((name) => !names.has(name))).toEqual([]);
});

test("the numbers are the kernel's", () => {
  const [x64, arm64] = [syscallNumbers("x64"), syscallNumbers("arm64")];
  expect([x64.get("read"), x64.get("socket"), x64.get("clone3")]).toEqual([0, 41, 435]);
  expect([arm64.get("read"), arm64.get("socket"), arm64.get("clone3")]).toEqual([63, 198, 435]);
  for (const table of [x64, arm64]) expect(new Set(table.values()).size).toBe(table.size);
});
