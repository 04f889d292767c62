import type { Concern } from "../all-laws.ts";
import { ARCHIVE_LIES } from "./archives.ts";
import { COMMAND_LIES } from "./commands.ts";
import { EGRESS_LIES } from "./egress.ts";
import { END_LIES, OUTPUT_LIES } from "./ends.ts";
import { FILE_LIES } from "./files.ts";
import { ISOLATION_LIES, LIMIT_LIES } from "./isolation.ts";
import type { Lies } from "./lie.ts";
import { LIFE_LIES, MAKING_LIES } from "./life.ts";
import { SNAPSHOT_LIES, STATE_LIES } from "./state.ts";

/** For each law the broken provider that it has to notice. */
export const LIES = {
  commands: COMMAND_LIES,
  ends: END_LIES,
  output: OUTPUT_LIES,
  files: FILE_LIES,
  archives: ARCHIVE_LIES,
  egress: EGRESS_LIES,
  isolation: ISOLATION_LIES,
  life: LIFE_LIES,
  making: MAKING_LIES,
  state: STATE_LIES,
  snapshots: SNAPSHOT_LIES,
  limits: LIMIT_LIES,
} as const satisfies Record<Concern, Lies>;
