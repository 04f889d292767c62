import type { FileRole } from "../../workspace/file-role.ts";
import type { Unapplied } from "../../workspace/patch-between.ts";
import type { ChangedFile, Finding } from "../gate.ts";

/** What only people's own changes can hold: a patch of Dunlin's with any of it is refused before. */
export function peopleChanges(
  files: readonly ChangedFile[],
  unapplied: readonly Unapplied[],
): readonly Finding[] {
  return [
    ...files.flatMap(({ path, role }) => {
      const found = ROLES[role];
      return found === undefined ? [] : [{ ...found, path }];
    }),
    ...unapplied.map(
      ({ path, why }): Finding => ({
        gate: "readable",
        result: "block",
        detail: `The tests ran without this file as the commit has it: it ${why}.`,
        path,
      }),
    ),
  ];
}

const ROLES: Partial<Record<FileRole, Omit<Finding, "path">>> = {
  workflow: {
    gate: "runner-config-unchanged",
    result: "flag",
    detail: "Continuous integration was changed; Dunlin doesn't run it.",
  },
  git: {
    gate: "runner-config-unchanged",
    result: "flag",
    detail: "Settings of git were changed.",
  },
  installed: {
    gate: "runner-untouched",
    result: "block",
    detail: "Installed code was changed; the test runner's own may be among it.",
  },
};
