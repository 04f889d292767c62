import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Dialler, directDialler } from "../../../../src/sandbox/wire-host/dialler.ts";
import { RegistryClient } from "../../../../src/sandbox/wire-host/registry-client.ts";

let server: https.Server;
let certificate: Buffer;
let heard: (string | undefined)[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "registry-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x";
  const argv = [...made.split(" "), "-addext", "subjectAltName=DNS:packages.test"];
  execFileSync("openssl", [...argv, "-keyout", key, "-out", cert], { stdio: "ignore" });
  certificate = readFileSync(cert);
  server = https.createServer({ key: readFileSync(key), cert: certificate }, (request, answer) => {
    heard.push(request.headers.authorization);
    answer.end("package");
  });
  rmSync(folder, { recursive: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function read(host: string, more: Partial<Dialler>): Promise<string> {
  heard = [];
  const url = `https://${host}:${(server.address() as AddressInfo).port}/`;
  const client = new RegistryClient({
    resolve: async () => ["127.0.0.1"],
    connect: directDialler.connect,
    credentials: [{ url, authorization: "Bearer canary" }],
    ...more,
  });
  onTestFinished(() => client.close());
  const registries = [{ name: "npm", kind: "npm", url } as const];
  const { signal } = new AbortController();
  const answer = await client.read({ method: "GET", url, headers: {}, registries, signal });
  return text(answer);
}

test("a registry whose certificate the host knows is read", async () => {
  expect(await read("packages.test", { caBundle: certificate })).toBe("package");
  expect(heard).toEqual(["Bearer canary"]);
});

test("one whose certificate nobody knows, or that is another's, hears nothing", async () => {
  await expect(read("packages.test", {})).rejects.toThrow(/self-signed certificate/);
  expect(heard).toEqual([]);
  const other = read("other.test", { caBundle: certificate });
  await expect(other).rejects.toThrow(/does not match certificate's altnames/);
  expect(heard).toEqual([]);
});

test("a metadata address is not dialled, whoever names it; a private one of the operator's is", async () => {
  const metadata = read("packages.test", { resolve: async () => ["169.254.169.254"] });
  await expect(metadata).rejects.toThrow(/link-local address/);
  expect(await read("packages.test", { caBundle: certificate })).toBe("package");
});
