import type { Break } from "../break.ts";

const WEBHOOK = { test: "test/integration/github-webhook.test.ts" };
const BODY = { file: "src/github/webhook-body.ts", test: "test/unit/github/webhook-body.test.ts" };
const CREDENTIALS = {
  file: "src/github/credentials.ts",
  test: "test/unit/github/credentials.test.ts",
};

/** The two servers that Dunlin talks with: what comes in by the webhook, and the model's answers. */
export const webhookAndModelBreaks: readonly Break[] = [
  {
    ...WEBHOOK,
    id: "any-signature",
    promise: "signature",
    file: "src/github/app.ts",
    find: "if (await probot.webhooks.verify(payload, signature))",
    replace: "if (signature !== payload)",
    name: "one with any other is not",
  },
  {
    ...WEBHOOK,
    id: "no-signature",
    promise: "signature",
    file: "src/github/webhook-endpoint.ts",
    find: 'if (!SIGNATURE.test(header(headers["x-hub-signature-256"]))) {',
    replace: 'if (headers["x-hub-signature-256"] === "none") {',
    name: "with no signature is refused",
  },
  {
    ...BODY,
    id: "announced-size",
    promise: "delivery-size",
    find: 'if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) return TOO_LARGE;',
    replace: "",
    name: "announced larger",
  },
  {
    ...BODY,
    id: "growing-size",
    promise: "delivery-size",
    find: "if (own.bytes > MOST_BYTES) return TOO_LARGE;",
    replace: "",
    name: "grows larger",
  },
  {
    ...BODY,
    id: "memory-of-all",
    promise: "delivery-size",
    find: "if (all.bytes > MOST_HELD_BYTES) return TOO_MANY;",
    replace: "",
    name: "while others hold the memory",
  },
  {
    ...CREDENTIALS,
    id: "short-secret",
    promise: "short-secret",
    find: "secret.trim().length < SHORTEST_SECRET",
    replace: 'secret.trim() === ""',
    name: "refused for a short secret",
  },
  {
    ...CREDENTIALS,
    id: "short-previous-secret",
    promise: "short-secret",
    find: "secrets.some(",
    replace: "secrets.slice(0, 1).some(",
    name: "a short previous secret",
  },
  {
    id: "null-finish",
    promise: "null-finish",
    file: "src/agent/models/chat-wire.ts",
    find: "if (finish === undefined || !ends.includes(finish)) {",
    replace: "if (finish !== undefined && !ends.includes(finish)) {",
    test: "test/unit/agent/models/chat-wire.test.ts",
    name: "broke off",
  },
  {
    id: "null-finish-not-retried",
    promise: "null-finish",
    file: "src/agent/models/faults.ts",
    find: "if (error instanceof BadAnswer) return transient(error.message);",
    replace: 'if (error instanceof BadAnswer) return { kind: "refused" };',
    test: "test/unit/agent/models/faults.test.ts",
    name: "that broke off is tried again",
  },
  {
    id: "idle-unnoticed",
    promise: "idle-watchdog",
    file: "src/agent/models/deadline.ts",
    find: 'setTimeout(() => abort("idle"), limits.idleMs)',
    replace: 'setTimeout(() => abort("idle"), 2 * limits.wallMs)',
    test: "test/unit/agent/models/deadline.test.ts",
    name: "gone silent",
  },
  {
    id: "quota-retried",
    promise: "quota-fatal",
    file: "src/agent/models/faults.ts",
    find: "(status !== 400 && OUT_OF_FUNDS.test(said))",
    replace: "(status === 400 && OUT_OF_FUNDS.test(said))",
    test: "test/unit/agent/models/faults.test.ts",
    name: "waiting brings no money",
  },
];
