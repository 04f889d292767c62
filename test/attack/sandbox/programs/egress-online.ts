import type { AttackCase } from "../attack-case.ts";
import { PRIVATE_NAMES } from "../hosts.ts";
import { all, ends, refuses, that } from "../judges.ts";
import { node } from "../program.ts";
import { DIALLED, UNSPOKEN } from "./egress-judges.ts";
import { PROXY } from "./proxy-client.ts";

const group = "Egress";

function online(
  id: string,
  number: number,
  aim: string,
  harm: string,
  source: string,
  host: readonly string[],
): AttackCase {
  return {
    id,
    number,
    group,
    aim,
    harm,
    program: node(`${PROXY}${source}`, { timeoutMs: 120_000 }),
    online: true,
    ...all(refuses({ host }), DIALLED, UNSPOKEN),
  };
}

export const EGRESS_ONLINE: readonly AttackCase[] = [
  online(
    "proxy-unlisted",
    25,
    "Asks the proxy for hosts that are not on the list, and for listed ones at other ports.",
    "One is dialled.",
    String.raw`
      await connectTo("control", "allowed.test:443");
      for (const target of ["forbidden.test:443", "forbidden.test:80", "allowed.test.forbidden.test:443", "notallowed.test:443", "sub.allowed.test:443", "allowed.test:22", "allowed.test:25", "allowed.test:2375", "allowed.test:6379", "allowed.test:0", "allowed.test:65536", "allowed.test:65979", "allowed.test:00443x", "allowed.test:8443", "1.1.1.1:443", "a".repeat(254) + ":443", "a".repeat(5000) + ":443", "allowed.test:" + "4".repeat(300)]) { await connectTo("connect", target); await getFrom("get", "http://" + target + "/"); }
    `,
    ["connect", "get"],
  ),
  online(
    "proxy-private-names",
    54,
    "Asks for listed names that lead to private, loopback, link-local and metadata addresses.",
    "One is dialled.",
    `for (const name of ${JSON.stringify(PRIVATE_NAMES)}) { await connectTo("connect", name + ":443"); await connectTo("connect", name + ":80"); await getFrom("get", "http://" + name + "/"); }`,
    ["connect", "get"],
  ),
  online(
    "proxy-addresses",
    54,
    "Asks for metadata and loopback addresses in every notation.",
    "One is dialled.",
    String.raw`
      for (const host of ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "169.16689662", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]", "[::1]", "[::]", "[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::a9fe:a9fe]", "[fe80::1%25lo]", "127.0.0.1", "127.1", "0", "0.0.0.0", "017700000001", "0x7f.1", "2130706433", "localhost", "LOCALHOST", "localhost.", "169.254.169.254.", "169.254.169.254.nip.io", "metadata.google.internal", "instance-data", "100.100.100.200", "①⑥⑨.②⑤④.①⑥⑨.②⑤④", "169。254。169。254"]) { await connectTo("connect", host + ":80"); await getFrom("get", "http://" + host + "/latest/meta-data/"); }
    `,
    ["connect", "get"],
  ),
  online(
    "proxy-disguises",
    54,
    "Dresses a host that is not listed up as one that is: user names, fragments, dots, line ends, spaces.",
    "It is dialled, or its name arrives.",
    String.raw`
      for (const target of ["allowed.test@forbidden.test:443", "allowed.test:443@forbidden.test:443", "forbidden.test:443#allowed.test:443", "forbidden.test:443?allowed.test:443", "forbidden.test:443/allowed.test:443", "allowed.test\\@forbidden.test:443", "forbidden.test\tallowed.test:443", "forbidden.test%00allowed.test:443", "forbidden.test\0allowed.test:443", "[allowed.test]forbidden.test:443", "forbidden。test:443", "ﬀorbidden.test:443", "//forbidden.test:443"]) await connectTo("connect", target);
      await raw("CONNECT allowed.test:443 HTTP/1.1\r\n\r\nCONNECT forbidden.test:443 HTTP/1.1\r\n\r\n");
      for (const url of ["http://allowed.test@forbidden.test/", "http://allowed.test:80@forbidden.test/", "http://forbidden.test\\@allowed.test/", "http://forbidden.test#@allowed.test/", "http:forbidden.test/", "http:///forbidden.test/", "http://forbidden.test?@allowed.test/", "//forbidden.test/", "HTTP://FORBIDDEN.TEST/"]) await getFrom("get", url);
    `,
    ["connect", "get"],
  ),
  online(
    "proxy-server-name",
    25,
    "Opens a tunnel to a listed host and greets another one in it, or says nothing of whom.",
    "The other's name arrives, or a greeting without a name.",
    String.raw`
      await greet("control", "allowed.test:443", "allowed.test");
      await greet("other", "allowed.test:443", "forbidden.test"); await greet("upper", "allowed.test:443", "FORBIDDEN.TEST"); await greet("longer", "allowed.test:443", "allowed.test.forbidden.test"); await greet("nameless", "allowed.test:443", ""); await greet("split", "allowed.test:443", "forbidden.test", 7); await plain("plain", "allowed.test:443", "GET / HTTP/1.1\r\nHost: forbidden.test\r\n\r\n"); await plain("ssh", "allowed.test:443", "SSH-2.0-forbidden.test\r\n");
    `,
    ["other", "upper", "longer", "nameless", "split", "plain", "ssh"],
  ),
  online(
    "proxy-smuggling",
    25,
    "Hides a second request in the body of a first one: two lengths, chunks, line ends.",
    "The second one reaches another host.",
    String.raw`
      const hidden = "GET http://forbidden.test/hidden HTTP/1.1\r\nHost: forbidden.test\r\n\r\n";
      for (const [name, head] of Object.entries({ both: "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", twice: "Content-Length: 0\r\nContent-Length: 70\r\n\r\n", spaced: "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", odd: "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", folded: "X: a\r\n Content-Length: 70\r\n\r\n", pipelined: "\r\n", upgraded: "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", bare: "Content-Length: 0\n\n" })) {
        const answer = await raw("POST http://allowed.test/ HTTP/1.1\r\nHost: allowed.test\r\n" + head + hidden);
        told("hidden:" + name, /UPSTREAM forbidden/.test(answer) ? true : "REFUSED", answer.slice(0, 40));
      }
    `,
    ["hidden"],
  ),
  online(
    "proxy-redirect",
    54,
    "Has a listed host redirect it to metadata and to hosts that are not listed.",
    "The other address is dialled.",
    String.raw`
      for (const to of ["http://169.254.169.254/latest/", "http://forbidden.test/", "http://127.0.0.1:22/", "http://loop.test/", "https://forbidden.test/", "ftp://forbidden.test/"]) {
        await raw("GET http://redirect.test/?to=" + encodeURIComponent(to) + " HTTP/1.1\r\nHost: redirect.test\r\nConnection: close\r\n\r\n");
        await getFrom("followed", to);
      }
    `,
    ["followed"],
  ),
  online(
    "proxy-rebinding",
    54,
    "Asks for a name that resolves to a public address first and to the host after that, again and again.",
    "The host is dialled.",
    `for (let at = 0; at < 20; at++) { await connectTo("connect-" + at, "rebind.test:80"); await getFrom("get-" + at, "http://rebind.test/"); } told("private", "REFUSED");`,
    ["private"],
  ),
  {
    ...online(
      "closed-while-open",
      25,
      "Keeps a tunnel open when the network is closed, and goes on sending through it.",
      "What it sends arrives after the closing.",
      String.raw`
        const socket = await tunnel("allowed.test:80"); if (!socket) { line("SKIP no tunnel to port 80"); return; }
        let cut = false; socket.on("close", () => { cut = true; }); socket.on("error", () => { cut = true; });
        line("READY"); for (let at = 0; at < 40; at++) { if (!cut) socket.write("forbidden.test".slice(0, 0) + "late "); await pause(250); }
        told("late", cut ? "REFUSED" : true);
      `,
      ["late"],
    ),
    fresh: true,
    meanwhile: [{ name: "close", do: "egress", policy: { mode: "none" } }],
  },
  {
    ...online(
      "too-much-traffic",
      25,
      "Sends far more than the bytes that it was allowed through a listed host.",
      "More than twice that arrives.",
      String.raw`
        let sent = 0; const block = Buffer.alloc(65536, 120);
        for (let at = 0; at < 40; at++) { const socket = await tunnel("allowed.test:80"); if (!socket) break; socket.on("error", () => {}); for (let n = 0; n < 64 && !socket.destroyed; n++) { await Promise.race([new Promise((resolve) => socket.write(block, resolve)), pause(1000)]); sent += block.length; } socket.destroy(); }
        measured("sent", sent);
      `,
      [],
    ),
    fresh: true,
    boundedMemory: true,
    ...all(
      ends("exit", "timeout"),
      DIALLED,
      that(
        ({ upstream }) => {
          const most = Math.max(
            0,
            ...upstream.map((one) => Number(/^TOTAL (\d+)/.exec(one)?.[1] ?? 0)),
          );
          return most > 64 * 1024 * 1024 ? `${most} bytes arrived.` : undefined;
        },
        { bite: { upstream: ["TOTAL 100000000"] } },
      ),
    ),
  },
];
