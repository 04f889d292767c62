import type { ReportedError } from "../classify-failure.ts";
import { linesOf } from "../lines.ts";

/** One test read from TAP: `names` are its groups and itself, outermost first. */
export type TapTest = {
  readonly names: readonly string[];
  readonly status: "pass" | "fail" | "skip";
  readonly error?: ReportedError;
};

type Point = {
  readonly ok: boolean;
  readonly name: string;
  readonly directive: "skip" | "todo" | undefined;
  /** The comment right before it, in the manner of tape: `# name of the test`. */
  readonly block: string | undefined;
  readonly children: readonly Point[];
  diagnostic: string;
};

const LONGEST_LINE = 4000;
const MOST_POINTS = 200_000;
const POINT = /^(not )?ok\b(?: +\d+)?(?: *-)? *(.*)$/;
const DIRECTIVE = /(?:^|\s)# *(skip|todo)\b.*$/i;
const SUMMARY =
  /^(?:tests|pass|fail|ok|skip|todo|failed \d|time=|duration_ms|suites|cancelled|skipped|Subtest\b)/;

/** Lines of TAP 12 to 14 become a tree by their indentation; anything else among them is ignored. */
class TapTree {
  #levels: Point[][] = [[]];
  /** The last comment of each level. */
  #blocks: (string | undefined)[] = [];
  #last: { point: Point; indent: number } | undefined;
  #inDiagnostic = false;
  #points = 0;

  add(line: string): void {
    const text = line.trimStart();
    const indent = line.length - text.length;
    if (this.#takeDiagnostic(text, indent)) return;
    const level = Math.min(indent >> 2, 32);
    const match = indent % 4 === 0 ? POINT.exec(text) : null;
    if (match !== null && this.#points < MOST_POINTS) this.#addPoint(match, level);
    else if (indent % 4 === 0 && text.startsWith("# "))
      this.#addComment(text.slice(2).trim(), level);
    else if (text === "}") this.#closeGroup(level);
  }

  end(): readonly Point[] {
    return this.#levels[0] ?? [];
  }

  #addComment(comment: string, level: number): void {
    if (!SUMMARY.test(comment)) this.#blocks[level] = comment;
  }

  #takeDiagnostic(text: string, indent: number): boolean {
    if (this.#inDiagnostic) {
      if (text === "..." && this.#last !== undefined && indent > this.#last.indent)
        this.#inDiagnostic = false;
      else if (this.#last !== undefined && this.#last.point.diagnostic.length < 16_000)
        this.#last.point.diagnostic += `${" ".repeat(Math.min(indent, 8))}${text}\n`;
      return true;
    }
    this.#inDiagnostic = text === "---" && this.#last !== undefined && indent > this.#last.indent;
    return this.#inDiagnostic;
  }

  #addPoint(match: RegExpExecArray, level: number): void {
    const text = (match[2] ?? "").trimEnd();
    const opens = text.endsWith(" {");
    const label = opens ? text.slice(0, -2) : text;
    const directive = DIRECTIVE.exec(label)?.[1]?.toLowerCase();
    const children = opens ? [] : (this.#levels[level + 1] ?? []);
    const point: Point = {
      ok: match[1] === undefined,
      name: label
        .replace(DIRECTIVE, "")
        .replace(/ # *(?:time=|duration_ms).*$/, "")
        .replace(/\\([#\\])/g, "$1")
        .trim(),
      directive: directive === "skip" || directive === "todo" ? directive : undefined,
      block: this.#blocks[level],
      children,
      diagnostic: "",
    };
    this.#levels.length = Math.min(this.#levels.length, level + 1);
    this.#blocks.length = Math.min(this.#blocks.length, level + 1);
    while (this.#levels.length <= level) this.#levels.push([]);
    this.#levels[level]?.push(point);
    this.#last = { point, indent: level * 4 };
    this.#points++;
  }

  /** `}` ends a group whose own line came first. */
  #closeGroup(level: number): void {
    const group = this.#levels[level]?.pop();
    if (group === undefined) return;
    this.#levels[level]?.push({ ...group, children: this.#levels[level + 1] ?? [] });
    this.#levels.length = level + 1;
  }
}

function errorOf(point: Point): ReportedError {
  const text = point.diagnostic;
  const field = (name: string) =>
    new RegExp(`^ *${name}: *['"]?([^'"\\n]*)`, "m").exec(text)?.[1]?.trim() ?? "";
  const name =
    /^(?:\w*Error)$/.exec(field("type") || field("name"))?.[0] ??
    /^ *(\w*Error)(?: \[\w+\])?:/m.exec(text)?.[1] ??
    "";
  const timeout =
    /\btimed out after \d+ ?ms$|^timeout!$/.test(point.name) ||
    /failureType: *'?testTimeoutFailure/.test(text);
  const compared =
    /^ *(?:operator|compare|found|wanted|diff|doNotWant):/m.test(text) || name === "AssertionError";
  const thrown =
    /^ *(?:tapCaught|failureType|exitCode):/m.test(text) ||
    field("operator") === "error" ||
    (name !== "" && !compared);
  const silent = /^(?:test exited without ending|plan != count|test unfinished)/.test(point.name);
  return {
    name,
    message: point.name,
    code: field("code"),
    stack: text,
    assertion: !thrown && !silent,
    timeout,
  };
}

function firstFailure(point: Point): Point {
  const failed = point.children.find((child) => !child.ok && child.directive === undefined);
  return failed === undefined ? point : firstFailure(failed);
}

function toTest(point: Point, names: readonly string[]): TapTest {
  if (point.directive !== undefined) return { names, status: "skip" };
  return point.ok
    ? { names, status: "pass" }
    : { names, status: "fail", error: errorOf(firstFailure(point)) };
}

/** A group of assertions is one test; a group of groups is a group. */
function* testsOf(point: Point, parents: readonly string[]): Iterable<TapTest> {
  const names = [...parents, point.name];
  for (const child of point.children) if (child.children.length > 0) yield* testsOf(child, names);
  yield toTest(point, names);
}

/** The assertions under one comment are one test. */
function blockTest(name: string, points: readonly Point[]): TapTest {
  const failed = points.find((point) => !point.ok && point.directive === undefined);
  if (failed !== undefined) return { names: [name], status: "fail", error: errorOf(failed) };
  return { names: [name], status: points.every((point) => point.directive) ? "skip" : "pass" };
}

/** Points in a row under the same comment; one without a comment, or with members, stands alone. */
function groupBlocks(points: readonly Point[]): readonly (readonly Point[])[] {
  const groups: Point[][] = [];
  for (const point of points) {
    const last = groups.at(-1);
    const joins = point.block !== undefined && point.children.length === 0;
    if (joins && last?.[0]?.block === point.block && last[0].children.length === 0)
      last.push(point);
    else groups.push([point]);
  }
  return groups;
}

function* flatTests(points: readonly Point[]): Iterable<TapTest> {
  for (const group of groupBlocks(points)) {
    const [first] = group;
    if (first === undefined) continue;
    if (first.children.length > 0) yield* testsOf(first, []);
    else if (first.block === undefined) yield toTest(first, [first.name]);
    else yield blockTest(first.block, group);
  }
}

function parse(text: string): readonly Point[] {
  const tree = new TapTree();
  for (const line of linesOf(text)) tree.add(line.slice(0, LONGEST_LINE));
  return tree.end();
}

/** Tests of one file's TAP. Never throws: text that is no TAP has no tests. */
export function readTap(text: string): readonly TapTest[] {
  return [...flatTests(parse(text))];
}

/** TAP of a runner of files: its outermost points are the files. */
export function readTapOfFiles(
  text: string,
): readonly { readonly file: string; readonly tests: readonly TapTest[] }[] {
  return parse(text).map((point) => {
    const tests = [...flatTests(point.children)];
    const own = toTest(point, []);
    const explained = own.status !== "fail" || tests.some((test) => test.status === "fail");
    return { file: point.name, tests: explained && tests.length > 0 ? tests : [...tests, own] };
  });
}

/** Whether the text says how many outermost points there are, and has as many; text without any is whole. */
export function isWholeTap(text: string): boolean {
  const points = parse(text).length;
  const planned = [...text.matchAll(/^1\.\.(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  return points === planned;
}
