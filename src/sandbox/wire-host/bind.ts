import { Failure } from "../../errors.ts";
import { FRAME } from "../wire/frame.ts";
import { type BindRequest, encodeMessage, type Preparation } from "../wire/message.ts";
import type { Connection } from "./connection.ts";
import { readExecReport } from "./untrusted.ts";

const TIMEOUT_MS = 30_000;

/** Has the guest make ready; resolves when it is, or can't be. */
export async function prepare(connection: Connection, what: Preparation["prepare"]): Promise<void> {
  await ask(connection, { prepare: what });
}

/**
 * Has the guest show a folder of the sandbox at another place in it, too. To be called between two commands. Throws
 * `unavailable/workspace-not-shown`.
 */
export async function bindOverWire(connection: Connection, request: BindRequest): Promise<void> {
  const problem = await ask(connection, request);
  if (problem === "") return;
  const message = `The sandbox can't be shown its workspace (${problem}). Its image needs the program mount; else start again in a new sandbox.`;
  throw new Failure("unavailable", "workspace-not-shown", message);
}

/** What is wrong, or nothing. */
async function ask(connection: Connection, request: BindRequest | Preparation): Promise<string> {
  const over = Promise.withResolvers<string>();
  const channel = connection.open(encodeMessage(request), ({ type, payload }) => {
    if (type !== FRAME.result) throw new Error("The guest answers a bind with something else.");
    const report = readExecReport(payload);
    const how = report.end === "not-started" ? report.detail : `exit ${report.exitCode}`;
    over.resolve(report.end === "exit" && report.exitCode === 0 ? "" : how);
  });
  const timer = setTimeout(() => over.resolve("it takes too long"), TIMEOUT_MS);
  const problem = await Promise.race([over.promise, connection.closed]);
  clearTimeout(timer);
  channel.close();
  return problem;
}
