import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHubApp } from "../../src/github/app.ts";
import { fakeLog } from "../fakes/log.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { startApp } from "./github-app.ts";

let github: GitHubStandIn;
let app: Awaited<ReturnType<typeof startApp>>;
let stored: "yes" | "no" = "yes";

const PREVIOUS = "the-secret-before-this-one";

beforeAll(async () => {
  github = await startGitHub();
  await github.seedRepository("octo/app", { "a.txt": "a\n" });
  app = await startApp(github, {
    previousWebhookSecret: PREVIOUS,
    bodyTimeoutMs: 60_000,
    accept: async (delivery) => {
      if (stored === "no") throw new Error("disk full");
      app.accepted.push(delivery);
    },
  });
});

afterAll(async () => {
  await app.close();
  await github.close();
});

const sign = (body: string | Buffer, secret = github.app.webhookSecret) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

let count = 0;
async function post(body: string | Buffer, headers: Record<string, string | undefined> = {}) {
  const all = {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": `d${++count}`,
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  const given = Object.entries(all).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const response = await fetch(app.webhookUrl, { method: "POST", headers: given, body });
  await response.text();
  return response.status;
}

describe("a delivery", () => {
  it("is handed over as GitHub sent it, then acknowledged", async () => {
    const before = app.accepted.length;
    await github.openIssue("octo/app", { title: "It breaks", author: "outsider" });
    await github.settled();
    const [delivery] = app.accepted.slice(before);
    expect(delivery).toMatchObject({
      event: "issues",
      payload: { action: "opened", issue: { title: "It breaks" } },
    });
    const sent = github.deliveries.find(({ guid }) => guid === delivery?.id);
    expect(sent?.outcome).toMatchObject({ status: 200 });
  });

  it("that can't be stored is answered 503 and can be delivered again", async () => {
    stored = "no";
    expect(await post("{}")).toBe(503);
    stored = "yes";
    expect(await post("{}")).toBe(200);
  });

  it("signed with the previous secret is good, one with any other is not", async () => {
    expect(await post("{}", { "x-hub-signature-256": sign("{}", PREVIOUS) })).toBe(200);
    expect(await post("{}", { "x-hub-signature-256": sign("{}", "development") })).toBe(401);
  });

  it.each<[string, number, string | Buffer, Record<string, string | undefined>]>([
    ["no signature", 401, "{}", { "x-hub-signature-256": undefined }],
    ["a signature of another body", 401, '{"a": 1}', { "x-hub-signature-256": sign0('{"a":1}') }],
    ["a short signature", 401, "{}", { "x-hub-signature-256": "sha256=00" }],
    [
      "only the old kind of signature",
      401,
      "{}",
      { "x-hub-signature-256": undefined, "x-hub-signature": "sha1=00" },
    ],
    ["no event", 400, "{}", { "x-github-event": undefined }],
    ["an event that would be taken for an error", 400, "{}", { "x-github-event": "error" }],
    ["an event named like a prototype", 400, "{}", { "x-github-event": "__proto__" }],
    ["no body", 401, "", {}],
    ["no id", 400, "{}", { "x-github-delivery": undefined }],
    ["a form", 415, "payload=%7B%7D", { "content-type": "application/x-www-form-urlencoded" }],
    ["a compressed body", 415, gzipSync("{}"), { "content-encoding": "gzip" }],
    ["no JSON", 400, "{", {}],
    ["no object", 400, "null", {}],
    ["a number", 400, "7", {}],
    ["a byte order mark", 400, "\ufeff{}", {}],
    ["UTF-16", 400, Buffer.from("{}", "utf16le").subarray(0, 3), {}],
    ["broken UTF-8", 400, Buffer.from([0x7b, 0xff, 0x7d]), {}],
  ])("with %s is refused with %i and nothing is taken in", async (_, status, body, headers) => {
    const before = app.accepted.length;
    expect(await post(body, headers)).toBe(status);
    expect(app.accepted).toHaveLength(before);
  });

  it("of any shape is answered, never with a crash", async () => {
    const names = fc.constantFrom(
      "issues",
      "issue_comment",
      "ping",
      "installation",
      "unknown_event",
    );
    await fc.assert(
      fc.asyncProperty(names, fc.object(), fc.jsonValue(), async (event, payload, installation) => {
        const body = JSON.stringify({ ...payload, installation });
        return (await post(body, { "x-github-event": event })) === 200;
      }),
      { numRuns: 300 },
    );
  });

  it("of another method or path is not taken for one", async () => {
    expect((await fetch(app.webhookUrl)).status).toBe(405);
    expect((await fetch(`http://127.0.0.1:${app.port}/other`)).status).toBe(404);
  });
});

describe("a body", () => {
  const most = 25 * 1024 * 1024;

  it("of 25 MiB is taken", async () => {
    expect(await post(`"${"x".repeat(most - 2)}"`)).toBe(400);
  });

  it("announced larger is refused unread", async () => {
    expect(await refusalOf(`content-length: ${most + 1}\r\n\r\n`)).toContain(" 413 ");
  });

  it("that grows larger is refused", async () => {
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
    const before = app.log.lines.length;
    await refusalOf(`transfer-encoding: chunked\r\n\r\n${chunk.repeat(26)}`);
    // The log and not the answer: what we did not read makes the connection end before the answer is read.
    expect(app.log.lines.slice(before)).toMatchObject([{ facts: { status: 413 } }]);
  });

  it("that comes too slowly ends the connection", async () => {
    const hasty = await startApp(github, { bodyTimeoutMs: 200 });
    expect(await refusalOf("content-length: 10\r\n\r\n{", hasty.port)).toBe("");
    await hasty.close();
    github.deliverTo(app.webhookUrl);
  });
});

/** Sends a raw request and returns the answer until the connection ends. */
async function refusalOf(rest: string, port = app.port): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  socket.on("error", () => {});
  socket.write(
    `POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: issues\r\nx-github-delivery: slow\r\nx-hub-signature-256: sha256=${"0".repeat(64)}\r\n${rest}`,
  );
  await new Promise((resolve) => socket.once("close", resolve));
  return answer;
}

function sign0(body: string): string {
  return `sha256=${createHmac("sha256", "never-the-right-secret").update(body).digest("hex")}`;
}

describe("createGitHubApp", () => {
  const options = () => ({
    appId: 1,
    privateKey: github.app.privateKey,
    webhookSecret: "a-secret-of-enough-characters",
    apiUrl: github.url,
    log: fakeLog(),
    accept: async () => {},
  });

  it.each([
    ["no secret", { webhookSecret: "" }, "webhook-secret"],
    ["a short secret", { webhookSecret: "development" }, "webhook-secret"],
    ["a short previous secret", { previousWebhookSecret: "old" }, "webhook-secret"],
    ["no key", { privateKey: "" }, "private-key"],
    ["half a key", { privateKey: "-----BEGIN RSA PRIVATE KEY-----\n" }, "private-key"],
  ])("refuses %s", async (_, wrong, code) => {
    await expect(createGitHubApp({ ...options(), ...wrong })).rejects.toMatchObject({ code });
  });

  it("takes a key whose line ends were escaped for an environment variable", async () => {
    const privateKey = github.app.privateKey.replaceAll("\n", "\\n");
    const given = await createGitHubApp({ ...options(), appId: github.app.id, privateKey });
    expect(await given.identity()).toMatchObject({ id: github.app.id, slug: github.app.slug });
  });
});
