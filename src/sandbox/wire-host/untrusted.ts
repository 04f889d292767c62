import { z } from "zod";
import {
  decodeMessage,
  type EgressRequest,
  type ExecReport,
  MAX_REGISTRY_PATH,
  type RegistryRequest,
} from "../wire/message.ts";

const execReport = z.union([
  z.strictObject({
    end: z.enum(["exit", "signal", "timeout", "killed"]),
    exitCode: z.int().min(0).max(255).nullable(),
    signal: z
      .string()
      .regex(/^SIG[A-Z0-9]{1,12}$/)
      .nullable(),
    outOfMemory: z.boolean(),
  }),
  z.strictObject({
    end: z.literal("not-started"),
    reason: z.enum(["busy", "no-such-folder", "argument-too-long", "no-process"]),
    detail: z.string().max(200),
  }),
]);

const egressRequest = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.enum(["tunnel", "http"]),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535),
  }),
  z.strictObject({
    mode: z.literal("registry"),
    method: z.string().regex(/^[A-Z-]{1,32}$/),
    path: z.string().startsWith("/").max(MAX_REGISTRY_PATH),
    headers: z.record(z.string(), z.string()),
  }),
]);

/** Throws for anything but a report: the guest may be in a stranger's hands. */
export function readExecReport(payload: Uint8Array): ExecReport {
  return execReport.parse(decodeMessage(payload));
}

/** Throws for anything but a request to reach something. */
export function readEgressRequest(payload: Uint8Array): EgressRequest | RegistryRequest {
  return egressRequest.parse(decodeMessage(payload));
}
