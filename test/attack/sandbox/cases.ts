import type { AttackCase } from "./attack-case.ts";
import { DEVICES } from "./programs/devices.ts";
import { EGRESS } from "./programs/egress.ts";
import { EGRESS_ONLINE } from "./programs/egress-online.ts";
import { FILES } from "./programs/files.ts";
import { GUEST } from "./programs/guest.ts";
import { HOST } from "./programs/host.ts";
import { KERNEL } from "./programs/kernel.ts";
import { NEIGHBOURS } from "./programs/neighbours.ts";
import { PRIVILEGES } from "./programs/privileges.ts";
import { PROC } from "./programs/proc.ts";
import { RESOURCES } from "./programs/resources.ts";
import { SECRETS } from "./programs/secrets.ts";
import { TIME } from "./programs/time.ts";
import { WIRE } from "./programs/wire.ts";

export const CASES: readonly AttackCase[] = [
  ...HOST,
  ...DEVICES,
  ...KERNEL,
  ...PROC,
  ...PRIVILEGES,
  ...GUEST,
  ...WIRE,
  ...RESOURCES,
  ...FILES,
  ...EGRESS,
  ...EGRESS_ONLINE,
  ...NEIGHBOURS,
  ...TIME,
  ...SECRETS,
];
