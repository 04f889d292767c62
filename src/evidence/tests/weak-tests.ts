import { roleOf } from "../../workspace/file-role.ts";
import { isCode, type ShapedFile } from "../gate.ts";
import { markAt, type Token } from "./source-scan.ts";
import type { Assertion, TestBlock } from "./test-shape.ts";

/** A test that proves little however it fails on the base. `why` continues "it passes, but". */
export type WeakTest = {
  readonly path: string;
  /** Null for every test of the patch. */
  readonly title: string | null;
  readonly why: string;
  /** A test without an assertion that was seen may have one in a function that it calls. */
  readonly unlessAsserted?: boolean;
};

const TYPE_ONLY =
  /^(?!.*(?:&&|\|\|))(?:(?:await|return) )?(?:.*\btypeof .*"(?:function|object|string|number|boolean|undefined|symbol|bigint)"|.*\. (?:toBeTypeOf|toBeDefined|toBeInstanceOf|instanceOf|isInstance|isFunction|isDefined|exists|respondTo) \(|.*\. not \. toBeUndefined \(|.*\. be \. (?:a|an|instanceof|instanceOf) \(|[^(]*\( "[^"]*" in [\w. ]*(?:, "[^"]*" )?\)$)/;
const READERS = new Set(
  `readFile readFileSync createReadStream existsSync statSync stat access accessSync open openSync readdir readdirSync
  writeFile writeFileSync appendFile appendFileSync rm rmSync unlink unlinkSync copyFile copyFileSync rename renameSync
  symlink symlinkSync cp cpSync`.split(/\s+/),
);
const WRITERS = /^(?:write|append|rm|unlink|copy|rename|symlink|cp|createWrite)/;
/** A name that leads to an assertion elsewhere. */
const HELPERS = /check|assert|expect|verif|should|must|same|equal|throw|reject|compare/i;
/** In tokens. */
const LONGEST_ARGUMENT = 40;
const ONLY_TYPE = "it only asks of what type something is";
const NOTHING = "no assertion was seen in it";
const LOOKS = "it looks at the files of the source instead of running them";

/** What can be told from the text of the patch's new and changed tests. */
export function weakTests(files: readonly ShapedFile[]): readonly WeakTest[] {
  const tests = files.filter((file) => file.isTest && file.head.tokens.length > 0);
  return tests.flatMap((file) => [...ofAssertions(file), ...ofLooks(file)]);
}

/** Where tests of the patch write to, or take away, files of the source. */
export function writesToSource({ path, head }: ShapedFile): readonly number[] {
  return looks(path, head.tokens)
    .filter(({ text }) => WRITERS.test(text))
    .map(({ line }) => line);
}

function ofAssertions({ path, head }: ShapedFile): readonly WeakTest[] {
  const byTest = Map.groupBy(head.assertions, ({ test }) => test);
  return head.tests.flatMap((test): readonly WeakTest[] => {
    const { title } = test;
    const own = byTest.get(test.key) ?? [];
    if (own.length > 0) return own.every(isTypeOnly) ? [{ path, title, why: ONLY_TYPE }] : [];
    return callsHelper(test) ? [] : [{ path, title, why: NOTHING, unlessAsserted: true }];
  });
}

function isTypeOnly({ text }: Assertion): boolean {
  return TYPE_ONLY.test(text);
}

function callsHelper({ tokens }: TestBlock): boolean {
  return tokens.some((token) => token.kind === "word" && HELPERS.test(token.text));
}

function ofLooks({ path, head }: ShapedFile): readonly WeakTest[] {
  const places = new Set(looks(path, head.tokens));
  if (places.size === 0) return [];
  const holders = head.tests.filter(({ tokens }) => tokens.some((token) => places.has(token)));
  const inside = new Set(holders.flatMap(({ tokens }) => tokens));
  const isShared = [...places].some((place) => !inside.has(place));
  if (isShared) return [{ path, title: null, why: LOOKS }];
  return holders.map(({ title }) => ({ path, title, why: LOOKS }));
}

/** `readFileSync("../src/a.js")`, or with a name that was given such a path before: the word that does so. */
function looks(path: string, tokens: readonly Token[]): readonly Token[] {
  const named = new Set(
    tokens.flatMap((token, at) =>
      markAt(tokens, at + 1) === "=" && leadsToSource(path, statement(tokens, at + 2), new Set())
        ? [token.text]
        : [],
    ),
  );
  return tokens.filter(
    (token, at) =>
      token.kind === "word" &&
      READERS.has(token.text) &&
      markAt(tokens, at + 1) === "(" &&
      leadsToSource(path, inBrackets(tokens, at + 1), named),
  );
}

function leadsToSource(
  path: string,
  tokens: readonly Token[],
  named: ReadonlySet<string>,
): boolean {
  return tokens.some(({ kind, text }) => {
    if (kind === "word") return named.has(text);
    if (kind !== "string" && kind !== "template") return false;
    return text.includes("/") && isCode(text) && roleOf(resolved(path, text)) === "source";
  });
}

/** `../src/a.js` as seen from `test/b.js`; a path that isn't relative to the file is one of the repository. */
function resolved(from: string, to: string): string {
  if (!/^\.{1,2}\//.test(to)) return to;
  const parts = from.split("/").slice(0, -1);
  for (const part of to.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function statement(tokens: readonly Token[], start: number): readonly Token[] {
  const rest = tokens.slice(start, start + LONGEST_ARGUMENT);
  const first = rest[0]?.text;
  // A loaded module is run, not looked at.
  if (first === "await" || first === "require" || first === "import") return [];
  const end = rest.findIndex(({ kind, text }) => kind === "mark" && text === ";");
  return end === -1 ? rest.slice(0, 12) : rest.slice(0, end);
}

function inBrackets(tokens: readonly Token[], open: number): readonly Token[] {
  let depth = 0;
  for (let at = open; at < tokens.length && at < open + LONGEST_ARGUMENT; at++) {
    if (markAt(tokens, at) === "(") depth++;
    if (markAt(tokens, at) === ")" && --depth === 0) return tokens.slice(open, at);
  }
  return tokens.slice(open, open + LONGEST_ARGUMENT);
}

const SLOT = /%[sdifjoOp#]|\$\{[^}]*\}|\$[\w.]+/g;

/** Whether a result is that of a test whose title stands in the source; a row's values may be filled in. */
export function isNamed(name: string, title: string): boolean {
  if (name === title || name.endsWith(` > ${title}`)) return true;
  const parts = title.split(SLOT);
  if (parts.length === 1) return false;
  let at = name.lastIndexOf(" > ") + 1;
  return parts.every((part) => {
    at = name.indexOf(part, at);
    at += at === -1 ? 0 : part.length;
    return at !== -1;
  });
}
