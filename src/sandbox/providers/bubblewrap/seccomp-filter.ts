import type { SeccompRule } from "../docker/seccomp.ts";
import { type FilterArch, syscallNumbers } from "./syscall-numbers.ts";

/** One instruction of the kernel's packet filter machine, whose accumulator holds the word that was loaded last. */
type Instruction = {
  readonly code: number;
  /** How many instructions to skip when the test holds, and when it doesn't. */
  readonly ifSo: number;
  readonly ifNot: number;
  readonly value: number;
};

const LOAD = 0x20;
const RETURN = 0x06;
const IF_EQUAL = 0x15;
const IF_GREATER = 0x25;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;

/** Where the kernel's `struct seccomp_data` holds the call's number, its architecture and its arguments. */
const NUMBER_AT = 0;
const ARCH_AT = 4;
const ARGUMENTS_AT = 16;

const AUDIT_ARCH: Readonly<Record<FilterArch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const EPERM = 1;

/**
 * The rules as a program for `bwrap --seccomp`, an array of the kernel's `struct sock_filter`. What no rule names gets
 * EPERM, as in a container; calls of another architecture, which could not be told apart, end the process.
 */
export function compileSeccomp(rules: readonly SeccompRule[], arch: FilterArch): Uint8Array {
  const numbers = syscallNumbers(arch);
  const plain: number[] = [];
  const special = new Map<number, SeccompRule[]>();
  for (const rule of rules) {
    for (const number of rule.names.flatMap((name) => numbers.get(name) ?? [])) {
      if (rule.action === "SCMP_ACT_ALLOW" && rule.args === undefined) plain.push(number);
      else special.set(number, [...(special.get(number) ?? []), rule]);
    }
  }
  return encode([
    load(ARCH_AT),
    jump(IF_EQUAL, AUDIT_ARCH[arch], 1, 0),
    answer(KILL_PROCESS),
    load(NUMBER_AT),
    ...[...special].flatMap(([number, own]) => judgeCall(number, own)),
    ...ranges(plain).flatMap(allowRange),
    answer(ERRNO | EPERM),
  ]);
}

/** One call's rules, one after the other; skipped as a whole for every other call. */
function judgeCall(number: number, rules: readonly SeccompRule[]): Instruction[] {
  const block = [...rules.flatMap(judgeRule), answer(ERRNO | EPERM)];
  return [jump(IF_EQUAL, number, 0, block.length), ...block];
}

/** The kernel looks at the lower half of these arguments only, so the filter does too. */
function judgeRule({ action, errnoRet = EPERM, args = [] }: SeccompRule): Instruction[] {
  const verdict = answer(action === "SCMP_ACT_ALLOW" ? ALLOW : ERRNO | errnoRet);
  const [condition, second] = args;
  if (second !== undefined) throw new Error("A rule looks at one argument at most.");
  if (condition === undefined) return [verdict];
  const { index, value, valueTwo, op } = condition;
  if (op === "SCMP_CMP_MASKED_EQ" && valueTwo !== 0) throw new Error("A mask wants all bits 0.");
  const test = op === "SCMP_CMP_EQ" ? jump(IF_EQUAL, value, 0, 1) : jump(IF_ANY_BIT, value, 1, 0);
  return [load(ARGUMENTS_AT + 8 * index), test, verdict];
}

type Range = { readonly first: number; readonly last: number };

/** Sorted, without gaps inside. */
function ranges(numbers: readonly number[]): readonly Range[] {
  const found: Range[] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const before = found.at(-1);
    if (before?.last === number - 1) found[found.length - 1] = { ...before, last: number };
    else found.push({ first: number, last: number });
  }
  return found;
}

/** Numbers below the range lie in a gap, since the ranges before it were looked at first. */
function allowRange({ first, last }: Range): Instruction[] {
  return [
    jump(IF_AT_LEAST, first, 1, 0),
    answer(ERRNO | EPERM),
    jump(IF_GREATER, last, 1, 0),
    answer(ALLOW),
  ];
}

function load(at: number): Instruction {
  return { code: LOAD, ifSo: 0, ifNot: 0, value: at };
}

function jump(code: number, value: number, ifSo: number, ifNot: number): Instruction {
  return { code, ifSo, ifNot, value };
}

function answer(value: number): Instruction {
  return jump(RETURN, value, 0, 0);
}

/** Both architectures are little-endian. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, ifSo, ifNot, value }] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifSo);
    view.setUint8(index * 8 + 3, ifNot);
    view.setUint32(index * 8 + 4, value, true);
  }
  return bytes;
}
