import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { egressEnv } from "../../src/sandbox/egress.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const MANY_BYTES = 20 * 1024 ** 2;

/** Asks the proxy for a URL, with a body if there is one, and prints the answer. */
const FETCH = `node -e '
  const [url, body] = process.argv.slice(1);
  const options = { host: "127.0.0.1", port: 3128, path: url, method: body ? "POST" : "GET" };
  const request = require("node:http").request(options, (answer) => {
    process.stdout.write(answer.statusCode + " ");
    answer.pipe(process.stdout);
  });
  request.on("error", (e) => console.log("failed", e.code)).end(body);'`;

describeEachRuntime("a sandbox's way out", (runtime) => {
  let sandbox: Sandbox;
  let server: http.Server;
  let port: number;
  const fetch = async (url: string, body = "") =>
    (await sh(sandbox, `${FETCH} '${url}' ${body}`)).out.trim();
  const allow = (...hosts: string[]) =>
    sandbox.setEgress({
      mode: "allow",
      origins: hosts.map((host) => `${host}:${port}`),
      maxBytes: MANY_BYTES,
    });

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === "/large") response.end(Buffer.alloc(30 * 1024 ** 2));
      else if (request.method === "POST") request.pipe(response);
      else response.end(`${request.headers.host} ${request.url}`);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    const names: Record<string, string[]> = {
      "registry.test": ["127.0.0.1"],
      "inner.test": ["127.0.0.1"],
      "mixed.test": ["203.0.113.9", "10.0.0.1"],
      "metadata.test": ["169.254.169.254"],
      "mapped.test": ["::ffff:127.0.0.1"],
    };
    const provider = providerFor(runtime, {
      privateOrigins: ["registry.test", "metadata.test"].map((host) => `${host}:${port}`),
      dialler: {
        resolve: async (host) => names[host] ?? Promise.reject(new Error("ENOTFOUND")),
        connect: directDialler.connect,
      },
    });
    sandbox = await provider.create(SPEC);
  });
  beforeEach(() => allow("registry.test"));
  afterAll(async () => {
    await sandbox.destroy();
    server.close();
  });

  test("is closed unless opened, and closes again", async () => {
    await sandbox.setEgress({ mode: "none" });
    expect(await fetch(`http://registry.test:${port}/`)).toContain("disabled in this phase");
    await allow("registry.test");
    expect(await fetch(`http://registry.test:${port}/a?b=c`)).toBe(
      `200 registry.test:${port} /a?b=c`,
    );
    await sandbox.setEgress({ mode: "none" });
    expect(await fetch(`http://registry.test:${port}/`)).toContain("disabled in this phase");
  });

  test("carries requests both ways, plain and by CONNECT", async () => {
    expect(await fetch(`http://registry.test:${port}/`, "body")).toBe("200 body");
    const usual = `fetch("http://registry.test:${port}/").then((r) => r.text()).then(console.log)`;
    const result = await sandbox.exec(["node", "-e", usual], {
      env: egressEnv(),
      timeoutMs: 60_000,
    });
    expect(Buffer.from(result.stdout).toString()).toBe(`registry.test:${port} /\n`);
    const request = `CONNECT registry.test:${port} HTTP/1.1\r\n\r\n`;
    const inner = `GET /through HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
    const answer = await raw(request, inner);
    expect(answer).toContain("200 Connection Established");
    expect(answer.endsWith("x /through")).toBe(true);
  });

  test("leads to listed hosts only, and never to a private address without the operator's word", async () => {
    await allow("inner.test", "mixed.test", "metadata.test", "mapped.test", "gone.test");
    const refused: Record<string, RegExp> = {
      "registry.test": /not on the allow-list/,
      "inner.test": /127\.0\.0\.1, a private address/,
      "mixed.test": /10\.0\.0\.1, a private address/,
      "metadata.test": /169\.254\.169\.254, a link-local address/,
      "mapped.test": /::ffff:127\.0\.0\.1, a private address/,
      "gone.test": /ENOTFOUND/,
      "127.0.0.2": /not on the allow-list/,
      "2130706433": /not on the allow-list/,
    };
    for (const [host, reason] of Object.entries(refused)) {
      expect(await fetch(`http://${host}:${port}/`)).toMatch(reason);
    }
  });

  test("stays when somebody asks for what no host and no port can be", async () => {
    for (const url of ["http://registry.test:0/", `http://${"a".repeat(254)}/`]) {
      expect(await fetch(url)).toMatch(/^400 /);
    }
    expect(await fetch(`http://registry.test:${port}/`)).toBe(`200 registry.test:${port} /`);
  });

  test("records what it refused, with the command, without control characters", async () => {
    await sh(sandbox, `: \u001b[31m; ${FETCH} http://outside.test:81/`);
    const refusal = sandbox.refusals.find(({ host }) => host === "outside.test");
    expect(refusal).toMatchObject({
      port: 81,
      reason: "outside.test:81 is not on the allow-list.",
    });
    expect(refusal?.command).toContain("/bin/sh -c : [31m; node");
    await sh(sandbox, `for i in 1 2 3; do ${FETCH} http://again.test:81/; done`);
    expect(sandbox.refusals.filter(({ host }) => host === "again.test")).toHaveLength(1);
  });

  test("is cut when TLS is meant for another server", async () => {
    const dial = `node -e '
      const net = require("node:net"), tls = require("node:tls");
      const socket = net.connect(3128, "127.0.0.1", () => socket.write("CONNECT registry.test:${port} HTTP/1.1\\r\\n\\r\\n"));
      socket.once("data", (head) => {
        console.log(String(head).split(" ")[1]);
        tls.connect({ socket, servername: "other.test" }).on("error", (e) => console.log("cut"));
      });'`;
    expect((await sh(sandbox, dial)).out).toBe("200\ncut\n");
    expect(sandbox.refusals.map(({ reason }) => reason)).toContain(
      "The TLS server name other.test is not registry.test.",
    );
  });

  test("is used up after the allowed bytes", async () => {
    const result = await sh(sandbox, `${FETCH} http://registry.test:${port}/large | wc -c`);
    expect(Number(result.out)).toBeLessThan(MANY_BYTES + 1024);
    expect(await fetch(`http://registry.test:${port}/`)).toContain("used up");
    await allow("registry.test");
    expect(await fetch(`http://registry.test:${port}/`)).toContain("200");
  });

  test("withstands a flood of connections and odd requests", async () => {
    const flood = `node -e '
      const net = require("node:net"); let left = 600;
      for (let i = 0; i < 600; i++) {
        const s = net.connect(3128, "127.0.0.1", () => s.write(i % 2 ? "GET / HT" : "CONNECT a.test:" + i + " HTTP/1.1\\r\\n\\r\\n"));
        s.on("error", () => {}).on("close", () => --left); s.resume();
      }
      setTimeout(() => process.exit(), 1500);'`;
    await sh(sandbox, flood);
    const odd = [
      "GET / HTTP/1.1\r\n\r\n",
      "CONNECT a:99999 HTTP/1.1\r\n\r\n",
      "CONNECT a:80:90 HTTP/1.1\r\n\r\n",
    ];
    for (const request of [...odd, "GET ftp://a/ HTTP/1.1\r\nhost: a\r\n\r\n", "\0\0\r\n\r\n"]) {
      expect(await raw(request)).toContain("HTTP/1.1 400");
    }
    expect(await fetch(`http://registry.test:${port}/`)).toContain("200");
  });

  test("is the proxy alone", async () => {
    const direct = `node -e 'require("node:net").connect(${port}, "127.0.0.1")
      .on("connect", () => console.log("reached")).on("error", (e) => console.log(e.code))'`;
    expect((await sh(sandbox, direct)).out).toBe("ECONNREFUSED\n");
  });

  /** Sends bytes to the proxy as they are; the second part once there is an answer to the first. */
  async function raw(first: string, second = ""): Promise<string> {
    const program = `
      const [first, second] = JSON.parse(process.argv[1]);
      const socket = require("node:net").connect(3128, "127.0.0.1", () => socket.write(first));
      socket.once("data", () => second && socket.write(second));
      socket.on("error", () => {}).pipe(process.stdout);`;
    const argv = ["node", "-e", program, JSON.stringify([first, second])];
    const result = await sandbox.exec(argv, { timeoutMs: 60_000 });
    return Buffer.from(result.stdout).toString();
  }
});
