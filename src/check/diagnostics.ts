import { cleanLine } from "./clean-text.ts";
import { linesOf } from "./lines.ts";

const MOST = 2000;
const LONGEST_LINE = 2000;
const FILE = String.raw`(?<file>(?:\.{0,2}\/)?[\w@.$ [\]()+~-]+(?:\/[\w@.$ [\]()+~-]+)*\.\w{1,10})`;

/** Forms of one line. The place goes, what it is about stays. */
const FORMS: readonly RegExp[] = [
  // tsc: src/a.ts(3,5): error TS2322: message
  new RegExp(String.raw`^${FILE}\(\d+,\d+\): (?<message>.+)$`),
  // tsc when it thinks of people: src/a.ts:3:5 - error TS2322: message
  new RegExp(String.raw`^${FILE}:\d+:\d+ - (?<message>.+)$`),
  // go, ruff, flake8, mypy, pylint, standard, eslint's unix: a.py:3:5: F401 message
  new RegExp(String.raw`^(?:vet: )?${FILE}:\d+(?::\d+)?: (?<message>.+)$`),
  // eslint's compact: /a.js: line 3, col 5, Error - message (rule)
  new RegExp(String.raw`^${FILE}: line \d+, col \d+, (?<message>.+)$`),
];
/** eslint names the file once, on a line of its own. */
const FILE_LINE = /^(?<file>(?:\/|\.{1,2}\/)?[^\s:][^:]*\.\w{1,10})$/;
const UNDER_FILE = /^\s+\d+:\d+\s+(?<level>error|warning)\s+(?<message>\S.*)$/;
/** biome: src/a.ts:3:5 lint/style/useConst FIXABLE ━━━ and the message two lines below. */
const BIOME = new RegExp(String.raw`^${FILE}:\d+:\d+ (?<rule>[\w/]+)(?: .*)?━+$`);
const BIOME_MESSAGE = /^\s*[×✖!ℹi]\s+(?<message>\S.*)$/;
/** rustc, clippy and ruff: the message, then an arrow to the place. */
const ARROW = new RegExp(String.raw`^\s*--> ${FILE}:\d+:\d+$`);
const BEFORE_ARROW = /^(?:(?:error|warning)(?:\[\w+\])?: |[A-Z]{1,5}\d{3,4} )/;

/**
 * What a compiler or linter complains about, as `file: message` with rule and without the place in the file, so that a
 * line that only moved is nothing new. Of tools that are known by the form of what they print; anything else gives none.
 */
export function diagnosticsOf(output: string, root: string): readonly string[] {
  const found: string[] = [];
  const reader = new DiagnosticReader((file, message) => {
    const path = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
    found.push(cleanLine(`${path.replace(/^\.\//, "")}: ${message.replace(/\s+/g, " ")}`, 400));
  });
  for (const line of linesOf(output)) {
    if (found.length >= MOST) break;
    if (line.length <= LONGEST_LINE) reader.read(line.trimEnd());
  }
  return found;
}

/** Remembers what the lines before have said of the ones to come. */
class DiagnosticReader {
  readonly #add: (file: string, message: string) => void;
  #file: string | undefined;
  #biome: { readonly file: string; readonly rule: string } | undefined;
  #headline: string | undefined;

  constructor(add: (file: string, message: string) => void) {
    this.#add = add;
  }

  read(line: string): void {
    if (this.#readBiome(line) || this.#readArrow(line)) return;
    const under = UNDER_FILE.exec(line)?.groups;
    if (under !== undefined && this.#file !== undefined) {
      this.#add(this.#file, `${under["level"]} ${under["message"]}`);
      return;
    }
    for (const form of FORMS) {
      const { file, message } = form.exec(line)?.groups ?? {};
      if (file !== undefined && message !== undefined) {
        this.#add(file, message);
        return;
      }
    }
    if (line !== "") this.#file = FILE_LINE.exec(line)?.groups?.["file"];
  }

  #readBiome(line: string): boolean {
    const { file, rule } = BIOME.exec(line)?.groups ?? {};
    if (file !== undefined && rule !== undefined) {
      this.#biome = { file, rule };
      return true;
    }
    const message = BIOME_MESSAGE.exec(line)?.groups?.["message"];
    if (message === undefined || this.#biome === undefined) return false;
    this.#add(this.#biome.file, `${this.#biome.rule} ${message}`);
    this.#biome = undefined;
    return true;
  }

  #readArrow(line: string): boolean {
    if (BEFORE_ARROW.test(line)) this.#headline = line;
    const file = ARROW.exec(line)?.groups?.["file"];
    if (file === undefined || this.#headline === undefined) return false;
    this.#add(file, this.#headline);
    this.#headline = undefined;
    return true;
  }
}
