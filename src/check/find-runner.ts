import type { Runner } from "./project.ts";

/** How each runner shows in a command. `tape` and `tap` both report in TAP. */
const SIGNS: readonly (readonly [Runner, RegExp])[] = [
  ["vitest", /\bvitest\b/],
  ["jest", /\b(?:jest|react-scripts test|craco test)\b/],
  ["mocha", /\b(?:_?mocha|ts-mocha)\b/],
  ["ava", /\bava\b/],
  ["uvu", /\buvu\b/],
  ["node:test", /\bborp\b/],
  ["node:test", /\bnode\b[^&|;]*\s--test\b|\btsx\b[^&|;]*\s--test\b/],
  ["tap", /\b(?:tape|tap|blue-tape|tap-arc)\b/],
  ["pytest", /\bpytest\b/],
  ["unittest", /-m unittest\b/],
  ["go test", /\bgo\b[^&|;]*\stest\b/],
  ["nextest", /\bcargo\b[^&|;]*\snextest\b/],
  ["cargo test", /\bcargo\b[^&|;]*\stest\b/],
  ["maven", /\b(?:mvnw?|mvnd)\b/],
  ["gradle", /\bgradlew?\b/],
  ["rspec", /\brspec\b/],
  ["phpunit", /\bphpunit\b/],
];
/** A script that runs another one: `npm test`, `npm run x`, `yarn x`, `pnpm x`, `run-s x y`. */
const CALLS =
  /\b(?:npm|pnpm|yarn)\s+(?:-\S+\s+)*(?:run(?:-script)?\s+)?(?:-\S+\s+)*["']?([\w:.@/*-]+)|\b(?:run-s|run-p|npm-run-all)\s+([^&|;]+)/g;
const MOST_SCRIPTS = 50;
const LONGEST_SCRIPT = 2000;

function calledScripts(
  command: string,
  scripts: Readonly<Record<string, string>>,
): readonly string[] {
  const names = [...command.matchAll(CALLS)].flatMap(([, one = "", many = ""]) =>
    `${one} ${many}`.split(/[\s"']+/).filter((name) => name !== ""),
  );
  return names.flatMap((name) => {
    const own = name === "t" || name === "tst" ? "test" : name;
    if (!own.includes("*")) return own in scripts ? [own] : [];
    const prefix = own.slice(0, own.indexOf("*"));
    return Object.keys(scripts).filter((script) => script.startsWith(prefix));
  });
}

/** The command and every script that it calls, each once, with their `pre` and `post` scripts, as one text. */
export function expandCommand(command: string, scripts: Readonly<Record<string, string>>): string {
  const names = new Set<string>();
  const texts = [command.slice(0, LONGEST_SCRIPT)];
  for (const text of texts) {
    const called = calledScripts(text, scripts).filter((name) => !names.has(name));
    for (const name of called.slice(0, MOST_SCRIPTS - names.size)) {
      names.add(name);
      const bodies = [scripts[`pre${name}`], scripts[name], scripts[`post${name}`]];
      texts.push(...bodies.map((body = "") => body.slice(0, LONGEST_SCRIPT)));
    }
  }
  return texts.join("\n");
}

/** The runner that a command most likely ends in. Only told to people: results come from what really ran. */
export function findRunner(expanded: string): Runner {
  return SIGNS.find(([, sign]) => sign.test(expanded))?.[0] ?? "unknown";
}
