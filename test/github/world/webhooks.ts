import { createHmac, randomUUID } from "node:crypto";
import { Watch } from "../watch.ts";
import { timestamp } from "./world.ts";

const ANSWER_LIMIT_MS = 10_000;

type DeliveryOutcome = {
  /** The receiver's status, or 0 when it gave none. */
  readonly status: number;
  readonly error: string | undefined;
  readonly durationMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** One attempt to bring an event to the app. A redelivery is a new attempt with the same `guid` and body. */
export type Delivery = {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly redelivery: boolean;
  readonly deliveredAt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Undefined while the receiver hasn't answered. */
  outcome: DeliveryOutcome | undefined;
};

export type CustomDelivery = {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly guid?: string;
  /** Replace GitHub's own headers, for example a wrong `x-hub-signature-256`; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
};

type WebhookOptions = {
  readonly appId: number;
  readonly secret: string;
  readonly url: string | undefined;
  nextId(): number;
};

/** Sends events as GitHub does: signed, at once, in no order, with a 10 s limit and without any retry. */
export class Webhooks {
  readonly deliveries: Delivery[] = [];
  /** Changes when a delivery's outcome is known. */
  readonly watch = new Watch();
  /** Where events go; without one they are only recorded, with an outcome of status 0. */
  url: string | undefined;
  readonly #options: WebhookOptions;
  readonly #open = new Set<Promise<Delivery>>();
  readonly #closing = new AbortController();

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.url = options.url;
  }

  /** Sends one event. The promise ends when its outcome is known and never rejects. */
  deliver(custom: CustomDelivery): Promise<Delivery> {
    const body = JSON.stringify(custom.payload);
    const guid = custom.guid ?? randomUUID();
    const headers = withOverrides(this.#headers(custom.event, guid, body), custom.headers);
    return this.#send({ event: custom.event, payload: custom.payload, guid, headers, body }, false);
  }

  /** Sends the event with that guid once more, byte for byte. */
  redeliver(guid: string): Promise<Delivery> {
    const first = this.deliveries.find((delivery) => delivery.guid === guid);
    if (!first) throw new Error(`There is no delivery ${guid} to send again.`);
    return this.#send(first, true);
  }

  /** Ends when no delivery is under way, including those that start meanwhile. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  #send(
    what: Pick<Delivery, "event" | "guid" | "headers" | "body" | "payload">,
    redelivery: boolean,
  ): Promise<Delivery> {
    const { event, guid, headers, body, payload } = what;
    const delivery: Delivery = {
      ...{ event, guid, headers, body, payload, redelivery },
      id: this.#options.nextId(),
      action: typeof payload["action"] === "string" ? payload["action"] : null,
      installationId: idOf(payload["installation"]),
      repositoryId: idOf(payload["repository"]),
      deliveredAt: timestamp(),
      outcome: undefined,
    };
    this.deliveries.push(delivery);
    const attempt = this.#post(delivery).then((outcome) => {
      delivery.outcome = outcome;
      this.#open.delete(attempt);
      this.watch.changed();
      return delivery;
    });
    this.#open.add(attempt);
    return attempt;
  }

  async #post(delivery: Delivery): Promise<DeliveryOutcome> {
    const started = performance.now();
    const none = { status: 0, headers: {}, body: "" };
    if (!this.url) return { ...none, error: "no webhook URL is set", durationMs: 0 };
    try {
      const response = await fetch(this.url, {
        method: "POST",
        body: delivery.body,
        headers: delivery.headers,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(ANSWER_LIMIT_MS), this.#closing.signal]),
      });
      const body = await response.text();
      const headers = Object.fromEntries(response.headers);
      const durationMs = performance.now() - started;
      return { status: response.status, error: undefined, durationMs, headers, body };
    } catch (error) {
      return { ...none, error: String(error), durationMs: performance.now() - started };
    }
  }

  #headers(event: string, guid: string, body: string): Record<string, string> {
    const sign = (hash: string) =>
      `${hash}=${createHmac(hash, this.#options.secret).update(body).digest("hex")}`;
    return {
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/standin",
      "x-github-delivery": guid,
      "x-github-event": event,
      "x-github-hook-id": "1",
      "x-github-hook-installation-target-id": String(this.#options.appId),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature": sign("sha1"),
      "x-hub-signature-256": sign("sha256"),
    };
  }
}

function withOverrides(
  headers: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...headers, ...overrides })) {
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function idOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  return typeof value.id === "number" ? value.id : null;
}
