import type { FileWrite } from "../../sandbox/sandbox.ts";
import { quoteWord } from "../shell-words.ts";

/** Dunlin's own Node, which every image has off the path, whatever language the repository's is. */
const OWN_NODE = "/opt/dunlin/node";
const PYTHONS = ["python3", "python", "pytest"];
const LAUNCHED = ["go"];

/** Programs that get a shim where the sandbox has them. */
export const SHIMMED = [...PYTHONS, ...LAUNCHED];

/** `bin/NAME` for each program that is there, first on the path of the test command; below a runner they do nothing. */
export function shimsOf(
  folder: string,
  programs: Readonly<Record<string, string>>,
): readonly FileWrite[] {
  const encoder = new TextEncoder();
  return SHIMMED.flatMap((name) => {
    const program = programs[name];
    if (program === undefined) return [];
    const text = PYTHONS.includes(name)
      ? pythonShim(folder, program)
      : launchShim(folder, name, program);
    return [{ path: `${folder}/bin/${name}`, data: encoder.encode(text), mode: 0o755 }];
  });
}

/** For commands that set PYTHONPATH themselves: what watches the tests is found there. */
function pythonShim(folder: string, program: string): string {
  const place = quoteWord(`${folder}/python`);
  return `#!/bin/sh
case ":$PYTHONPATH:" in
  *:${place}:*) ;;
  *) export PYTHONPATH=${place}"\${PYTHONPATH:+:$PYTHONPATH}" ;;
esac
exec ${quoteWord(program)} "$@"
`;
}

function launchShim(folder: string, name: string, program: string): string {
  const real = quoteWord(program);
  return `#!/bin/sh
[ -z "$DUNLIN_REPORTER" ] || exec ${real} "$@"
exec ${OWN_NODE} ${quoteWord(`${folder}/${name}.cjs`)} ${real} "$@"
`;
}

/** Leads cargo to start test binaries by way of the reporter, whoever starts cargo. */
export function runnerVariables(folder: string): readonly string[] {
  return ["X86_64", "AARCH64"].map(
    (processor) =>
      `CARGO_TARGET_${processor}_UNKNOWN_LINUX_GNU_RUNNER=${quoteWord(`${OWN_NODE} ${folder}/rust.cjs`)}`,
  );
}
