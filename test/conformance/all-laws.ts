import type { Law } from "./law.ts";
import { ARCHIVE_LAWS } from "./laws/archives.ts";
import { COMMAND_LAWS } from "./laws/commands.ts";
import { EGRESS_LAWS } from "./laws/egress.ts";
import { END_LAWS } from "./laws/ends.ts";
import { FILE_LAWS } from "./laws/files.ts";
import { ISOLATION_LAWS } from "./laws/isolation.ts";
import { LIFE_LAWS } from "./laws/life.ts";
import { LIMIT_LAWS } from "./laws/limits.ts";
import { MAKING_LAWS } from "./laws/making.ts";
import { OUTPUT_LAWS } from "./laws/output.ts";
import { SNAPSHOT_LAWS } from "./laws/snapshots.ts";
import { STATE_LAWS } from "./laws/state.ts";

/** By concern, in the order in which they are asked. */
export const LAWS = {
  commands: COMMAND_LAWS,
  ends: END_LAWS,
  output: OUTPUT_LAWS,
  files: FILE_LAWS,
  archives: ARCHIVE_LAWS,
  egress: EGRESS_LAWS,
  isolation: ISOLATION_LAWS,
  life: LIFE_LAWS,
  making: MAKING_LAWS,
  state: STATE_LAWS,
  snapshots: SNAPSHOT_LAWS,
  limits: LIMIT_LAWS,
} as const satisfies Record<string, readonly Law[]>;

export type Concern = keyof typeof LAWS;
