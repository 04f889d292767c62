import sax from "sax";
import type { ReportedError } from "../classify-failure.ts";
import { MOST_TESTS, type ReportedTest } from "./reported-test.ts";

/** A test of a JUnit file, with what tells where it comes from when the file doesn't say so itself. */
export type JunitTest = ReportedTest & {
  /** As it stands: a dotted class or module, a package, a file, or what a tool puts there. Part of `names`, too. */
  readonly className: string;
  /** Names of the suites around it, outermost first. */
  readonly suites: readonly string[];
};

export type JunitReport = {
  readonly tests: readonly JunitTest[];
  /** False for a file that is cut off, is not well-formed, has a DTD, or is no JUnit file: `tests` came before that. */
  readonly whole: boolean;
};

type Attributes = Readonly<Record<string, string>>;
type Fault = { readonly tag: "failure" | "error"; readonly attributes: Attributes; text: string };
type Case = {
  readonly attributes: Attributes;
  skipped: boolean;
  fault: Fault | undefined;
};

const DEEPEST = 64;
const LONGEST_TEXT = 16_000;
/** A name that carries nothing but what is said elsewhere. */
const EMPTY_CLASSES = new Set(["", "test", "suite"]);
const SKIPPED = /^(?:skipped|disabled|notrun|suppressed|ignored|pending)$/i;
const ASSERTION = /assert|expect|comparison|mismatch/i;
const THROWN = /^(?:[\w$]+[.\\:]+)*([\w$]*(?:Error|Exception|Exit|Timeout)\w*)(?:: |$)/;

/**
 * Reads JUnit XML as the many tools write it: suites in suites or none, `file` or `filepath` on a test or on a suite
 * around it, failures by attribute, text or both. Never throws. Entities stand for one character each.
 */
export function readJunit(xml: string): JunitReport {
  const reading = new Reading();
  try {
    reading.read(xml);
  } catch {
    return { tests: reading.tests, whole: false };
  }
  return { tests: reading.tests, whole: reading.isWhole() };
}

/** One file, front to back. */
class Reading {
  readonly tests: JunitTest[] = [];
  readonly #open: string[] = [];
  readonly #suites: Attributes[] = [];
  #case: Case | undefined;
  #fault: Fault | undefined;
  #sawRoot = false;

  read(xml: string): void {
    const parser = sax.parser(true);
    parser.onerror = (error) => {
      throw error;
    };
    parser.ondoctype = () => {
      throw new Error("A report needs no DTD.");
    };
    parser.onopentag = ({ name, attributes }) => this.#start(name, attributes as Attributes);
    parser.onclosetag = (name) => this.#end(name);
    parser.ontext = (text) => this.#text(text);
    parser.oncdata = (text) => this.#text(text);
    parser.write(xml.replace(/^\ufeff/, "").trimStart()).close();
  }

  isWhole(): boolean {
    return this.#sawRoot && this.#open.length === 0 && this.tests.length < MOST_TESTS;
  }

  #start(name: string, attributes: Attributes): void {
    if (this.#open.length === 0) this.#root(name);
    if (this.#open.length >= DEEPEST) throw new Error("The report is nested too deeply.");
    this.#open.push(name);
    if (name === "testsuite") this.#suites.push(attributes);
    else if (name === "testcase") this.#case = { attributes, skipped: false, fault: undefined };
    else if (name === "skipped" && this.#case !== undefined) this.#case.skipped = true;
    else if (name === "failure" || name === "error") this.#fail(name, attributes);
  }

  #root(name: string): void {
    const isReport = name === "testsuites" || name === "testsuite";
    if (!isReport || this.#sawRoot) throw new Error("This is no JUnit file.");
    this.#sawRoot = true;
  }

  #fail(tag: Fault["tag"], attributes: Attributes): void {
    if (this.#case === undefined) return;
    this.#fault = { tag, attributes, text: "" };
    this.#case.fault ??= this.#fault;
  }

  #text(text: string): void {
    const { fault } = this;
    if (fault !== undefined) fault.text += text.slice(0, LONGEST_TEXT - fault.text.length);
  }

  /** The failure whose own text is being read. */
  get fault(): Fault | undefined {
    const inside = this.#open.at(-1);
    return inside === "failure" || inside === "error" ? this.#fault : undefined;
  }

  #end(name: string): void {
    this.#open.pop();
    if (name === "testsuite") this.#suites.pop();
    if (name === "failure" || name === "error") this.#fault = undefined;
    if (name !== "testcase" || this.#case === undefined) return;
    if (this.tests.length < MOST_TESTS) this.tests.push(testOf(this.#case, this.#suites));
    this.#case = undefined;
  }
}

function testOf({ attributes, skipped, fault }: Case, around: readonly Attributes[]): JunitTest {
  const { classname: className = "", name = "", status = "", result = "" } = attributes;
  const file = fileOf(attributes) || (around.map(fileOf).findLast((one) => one !== "") ?? "");
  const left = skipped || SKIPPED.test(status) || SKIPPED.test(result);
  const repeats = EMPTY_CLASSES.has(className) || className === file || className === name;
  return {
    file,
    names: repeats ? [name] : [className, name],
    status: fault !== undefined ? "fail" : left ? "skip" : "pass",
    ...(fault === undefined ? {} : { error: errorOf(fault) }),
    className,
    suites: around.map((suite) => suite["name"] ?? ""),
  };
}

function fileOf(attributes: Attributes): string {
  return attributes["file"] ?? attributes["filepath"] ?? "";
}

/** A failure is a failed comparison by JUnit's own words, but many tools call everything that is thrown one. */
function errorOf({ tag, attributes, text }: Fault): ReportedError {
  const own = text.trim();
  const message = attributes["message"] || own.split("\n", 1)[0] || "";
  const type = attributes["type"] ?? "";
  const name = THROWN.exec(type)?.[1] ?? THROWN.exec(message)?.[1] ?? "";
  const assertion = ASSERTION.test(`${type} ${name}`) || (tag === "failure" && name === "");
  const timeout = /time(?:d ?)?out/i.test(`${type} ${name}`);
  return { name, message, code: "", stack: own, assertion, timeout };
}
