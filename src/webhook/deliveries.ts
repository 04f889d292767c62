import type { CodeHost, CodeHosts } from "../code-host/code-host.ts";
import { failureAnswer } from "../command/answers.ts";
import type { Command } from "../command/command.ts";
import { type Engine, STOPPING, type Steps } from "../engine/engine.ts";
import { Failure, type FailureKind, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { interpret, isSameLabel, type Meaning } from "./interpret.ts";
import { type Delivery, parseDelivery, type Trigger } from "./parse-delivery.ts";

export type DeliveryOptions = {
  readonly hosts: CodeHosts;
  /**
   * Resolves once what the command asks for is stored durably. Called again with the same `meaningKey` after a crash:
   * that must have one effect. A Failure it throws is told to the person.
   */
  readonly dispatch: (command: Command) => Promise<void>;
  /** The label that asks for a run. */
  readonly label: string;
  readonly pause: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
};

export type Deliveries = {
  /**
   * Resolves once the delivery is stored durably, or needs no storing because nothing follows from it. The same id
   * twice is one delivery.
   */
  accept(delivery: Delivery): Promise<void>;
};

// Waits between attempts while the code host can't be reached: about two hours in all, then it is given up and logged.
const RETRY_AFTER_MS = [5, 30, 120, 600, 1800, 3600].map((seconds) => seconds * 1000);

/** Call before the engine starts. Deliveries of one issue are worked on in the order in which they came. */
export function registerDeliveries(engine: Engine, options: DeliveryOptions): Deliveries {
  const workflow = engine.workflow<Trigger>(
    "delivery",
    { perWorker: 8, perPartition: 1 },
    (steps, trigger) => work(steps, trigger, options),
  );
  return {
    async accept({ id, event, payload }) {
      const trigger = parseDelivery(event, payload);
      const log = options.log.child({ delivery: id, event });
      if ("ignored" in trigger) return log.debug({ reason: trigger.ignored }, "delivery ignored");
      if (trigger.kind === "label" && !isSameLabel(trigger.label, options.label)) {
        return log.debug({ reason: "another label" }, "delivery ignored");
      }
      const outcome = await workflow.enqueue(trigger, {
        id: `gh:${id}`,
        partition: `${trigger.repository.id}/${trigger.issueNumber}`,
      });
      log.info(
        { issue: trigger.issueNumber, repository: trigger.repository.id, outcome },
        "delivery stored",
      );
    },
  };
}

async function work(steps: Steps, trigger: Trigger, options: DeliveryOptions): Promise<void> {
  const log = options.log.child({ delivery: steps.id, issue: trigger.issueNumber });
  const once = <T>(name: string, body: (host: CodeHost) => Promise<T>) =>
    patiently(steps, name, options, async () =>
      body(await options.hosts.repository(trigger.repository)),
    );
  try {
    const meaning = await once("follow", (host) => follow(host, trigger, options));
    log.info(meaning, "delivery read");
    if (meaning.kind === "nothing") return;
    if (trigger.kind === "label") {
      await once("take off label", (host) => host.removeLabel(trigger.issueNumber, options.label));
    } else if (meaning.kind === "command") {
      await once("acknowledge", (host) => host.acknowledge(trigger.commentId));
    }
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === STOPPING) throw failure;
    const level = failure.kind === "invalid-request" ? "info" : "error";
    log[level](
      { kind: failure.kind, code: failure.code, error: failure.message },
      "delivery failed",
    );
    if (failure.kind === "unavailable" || failure.kind === "cancelled") throw failure;
    await tell(steps, failure, once, trigger, options);
  }
}

/** Reads and does what is asked in one step, so that no text of the issue is stored as a step's result. */
async function follow(
  host: CodeHost,
  trigger: Trigger,
  options: DeliveryOptions,
): Promise<{ readonly kind: Meaning["kind"]; readonly what: string }> {
  const meaning = await interpret(host, trigger, options.label);
  switch (meaning.kind) {
    case "nothing":
      return { kind: meaning.kind, what: meaning.reason };
    case "answer":
      await host.writeComment(trigger.issueNumber, meaning.marker, meaning.text);
      return { kind: meaning.kind, what: meaning.marker };
    case "command":
      await options.dispatch(meaning.command);
      return { kind: meaning.kind, what: meaning.command.kind };
  }
}

async function tell(
  steps: Steps,
  failure: Failure,
  once: <T>(name: string, body: (host: CodeHost) => Promise<T>) => Promise<T>,
  trigger: Trigger,
  { label, log }: DeliveryOptions,
): Promise<void> {
  const text = failureAnswer(failure, steps.id);
  const marker = `answer-${trigger.meaningKey}`;
  try {
    await once("tell", (host) => host.writeComment(trigger.issueNumber, marker, text));
    // So that it can be put on again.
    if (trigger.kind === "label") {
      await once("take off label", (host) => host.removeLabel(trigger.issueNumber, label));
    }
  } catch (error) {
    // The host may refuse comments for the same reason; the log has both.
    log.error({ delivery: steps.id, error: toFailure(error).message }, "failure not told");
  }
}

/** A step's outcome as data: what it threw would lose its kind in the engine's record. */
type Outcome<T> = {
  readonly ok?: T;
  readonly failed?: { readonly kind: FailureKind; readonly code: string; readonly message: string };
};

/** One durable step an attempt and a wait, so that a restart goes on where the waiting was. */
async function patiently<T>(
  steps: Steps,
  name: string,
  { pause, log }: DeliveryOptions,
  body: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await steps.step(`${name} ${attempt}`, (signal) => settle(body, signal));
    if (outcome.failed === undefined) return outcome.ok as T;
    const { kind, code, message } = outcome.failed;
    const waitMs = RETRY_AFTER_MS[attempt];
    if (kind !== "unavailable" || waitMs === undefined) throw new Failure(kind, code, message);
    log.warn({ delivery: steps.id, error: message, waitMs }, "code host unavailable");
    await steps.step(`${name} wait ${attempt}`, (signal) => pause(waitMs, signal));
  }
}

async function settle<T>(body: () => Promise<T>, stopping: AbortSignal): Promise<Outcome<T>> {
  try {
    return { ok: await body() };
  } catch (error) {
    if (stopping.aborted) throw error;
    const { kind, code, message } = toFailure(error);
    return { failed: { kind, code, message } };
  }
}
