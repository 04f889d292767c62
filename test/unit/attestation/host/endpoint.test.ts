import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Digest } from "../../../../src/artifact/artifact.ts";
import { createEvidenceEndpoint } from "../../../../src/attestation/host/endpoint.ts";
import { readKeys } from "../../../../src/attestation/keys.ts";
import { evidencePath } from "../../../../src/attestation/link.ts";
import { fakeArtifacts } from "../../../fakes/artifacts.ts";
import { archiveOf, signingKey, trustIn } from "../../../fakes/bundle.ts";
import { fakeLog } from "../../../fakes/log.ts";

const key = signingKey();
const NOW = Date.UTC(2026, 10, 23, 6);
const linkHmac = (text: string) => createHmac("sha256", "s").update(text).digest("base64url");

async function serve() {
  const artifacts = fakeArtifacts();
  const bundle = await archiveOf(key);
  const { digest } = await artifacts.put(bundle);
  const { keys } = trustIn(key);
  const options = { keys, linkHmac, artifacts, now: () => NOW, log: fakeLog() };
  const handle = createEvidenceEndpoint(options);
  const server = createServer(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(404).end("elsewhere");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (path: string, method = "GET") => fetch(`${url}${path}`, { method });
  return { ask, bundle, digest };
}
const link = (bundle: Digest, runId = "run 1/ä", expiresAtMs = NOW + 1000) =>
  evidencePath({ runId, bundle, expiresAtMs }, linkHmac);

it("answers everybody with the public keys", async () => {
  const { ask } = await serve();
  const answer = await ask("/.well-known/dunlin-keys.json");
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(readKeys(await answer.json()).keys).toEqual([key.listed]);
});

it("gives a bundle to who has its link, until it expires", async () => {
  const { ask, bundle, digest } = await serve();
  const answer = await ask(link(digest));
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bundle)).toBe(0);
  expect((await ask(link(digest), "HEAD")).status).toBe(200);
  const late = await ask(link(digest, "r", NOW - 1000));
  expect([late.status, await late.text()]).toEqual([410, expect.stringContaining("has expired")]);
});

it("refuses every link that it didn't make, whatever there is to get", async () => {
  const { ask, digest } = await serve();
  const good = link(digest);
  const tampered = [
    good.replace("/runs/run", "/runs/ran"),
    good.replace(/expires=\d/, "expires=9"),
    good.replace(/bundle=./, (text) => `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`),
    good.replace(/signature=./, (text) => `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`),
    good.replace(/&signature=.*/, ""),
    good.replace(/\?.*/, ""),
    "/runs/%E0%A4%A/evidence.tar",
  ];
  for (const path of tampered) expect((await ask(path)).status).toBe(403);
  expect((await ask(good, "POST")).status).toBe(405);
  expect((await ask(link(`sha256:${"0".repeat(64)}`))).status).toBe(404);
  for (const path of ["/runs", "/runs/", "/runs/x/evidence.tar/y", "/runs/x/other.tar"]) {
    expect(await (await ask(path)).text()).toBe("elsewhere");
  }
});
