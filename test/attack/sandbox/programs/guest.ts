import type { AttackCase } from "../attack-case.ts";
import { all, ends, refuses, stays, step } from "../judges.ts";
import { node, perl, sh } from "../program.ts";

const group = "The guest";

/** Finds the ports that something listens at inside the sandbox. */
const PORTS = String.raw`
  const listening = () => {
    const ports = new Set();
    for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
      let text = ""; try { text = fs.readFileSync(file, "utf8"); } catch {}
      for (const row of text.split("\n").slice(1)) { const [, local, , state] = row.trim().split(/\s+/); if (state === "0A") ports.add(parseInt(local.split(":").pop(), 16)); }
    }
    const given = /:(\d+)/.exec((process.env.HTTP_PROXY ?? "").replace(/^\w+:/, "")); if (given) ports.add(Number(given[1]));
    return [...ports];
  };
  const open = (port) => new Promise((resolve) => { const socket = net.connect(port, "127.0.0.1"); socket.on("connect", () => resolve(socket)); socket.on("error", () => resolve(undefined)); });
`;

export const GUEST: readonly AttackCase[] = [
  {
    id: "kill-guest",
    group,
    aim: "Sends every signal to process 1 and to everything that runs as root.",
    harm: "One is delivered.",
    program: perl(String.raw`
      for my $pid (1, root_pids()) { for my $signal (1 .. 31, 34 .. 64) { told("signal:$pid/$signal", kill($signal, $pid)) } }
      my $none = ''; for my $pid (1, root_pids()) { my $fd = call("hold:$pid", 434, 434, $pid, 0); next if $fd < 0; call("signal:$pid/pidfd", 424, 424, $fd, 9, 0, 0); for my $other (0 .. 12) { call("take:$pid/$other", 438, 438, $fd, $other, 0) } }
      $! = 1; told('take:none', 0);
    `),
    ...refuses({ host: ["signal", "take"] }),
  },
  {
    id: "kill-all",
    group,
    aim: "Kills everything that it may, itself included.",
    harm: "The sandbox no longer answers.",
    program: sh("kill -STOP -1; kill -9 -1"),
    fresh: true,
    ...ends("bare exit", "signal", "timeout"),
  },
  {
    id: "speak-for-guest",
    group,
    aim: "Writes made-up answers into everything that may lead to Dunlin: descriptors, pipes, consoles, what lies in /run.",
    harm: "Something that belongs to root takes them.",
    program: perl(String.raw`
      my $forged = pack('NCN', 64, 5, 1) . ('{"end":"exit","exitCode":0,"forged":true}' x 2);
      my @own = map { readlink("/proc/self/fd/$_") || '' } 0 .. 2;
      my @targets = ('/dev/console', '/dev/tty', '/dev/ttyS0', '/dev/hvc0', '/dev/vport0p1', glob('/dev/virtio-ports/*'), glob('/run/*'), glob('/run/*/*'), map { my $pid = $_; map { "/proc/$pid/fd/$_" } 0 .. 12 } 1, root_pids());
      for my $target (@targets) {
        next if -d $target || grep { $_ eq $target } @own;
        my $out = opens($target, O_WRONLY); told("write:$target", $out && syswrite $out, $forged);
      }
    `),
    ...refuses({ host: ["write"] }),
  },
  {
    id: "own-pipes",
    group,
    aim: "Meddles with the pipes of its own output: reads them, fills them, locks, removes and replaces them.",
    harm: "The next command of the sandbox gets no output or never ends.",
    program: perl(
      String.raw`
      for my $fd (1, 2) {
        my $path = readlink("/proc/self/fd/$fd") or next;
        for my $way (O_RDONLY, O_RDWR) { sysopen(my $in, "/proc/self/fd/$fd", $way | O_NONBLOCK) or next; $^F = 100; push @main::kept, $in }
        chmod 0, $path; unlink $path; rename $path, "$path.old"; flock(STDOUT, 2); fcntl(STDOUT, 1031, 4096); fcntl(STDOUT, 1031, 1 << 20);
        fcntl(STDOUT, F_SETFL, O_NONBLOCK);
      }
      fork_or(sub { POSIX::setsid(); sleep 600 });
      fcntl(STDOUT, F_SETFL, 0);
    `,
      { timeoutMs: 10_000 },
    ),
    after: [{ name: "next", do: "run", program: sh("echo still here; echo and here >&2") }],
    ...all(
      ends("bare exit", "timeout", "signal"),
      step(
        "next",
        ({ text }) => (text.includes("still here") ? undefined : "Its output is gone."),
        {
          bite: { text: "" },
          calm: { text: "still here" },
        },
      ),
    ),
  },
  {
    id: "proxy-flood",
    group,
    aim: "Opens 5,000 connections to the sandbox's own proxy and holds them, half of them mid-request.",
    harm: "The sandbox no longer answers.",
    program: node(
      String.raw`${PORTS}
      const [port] = listening(); if (!port) { line("SKIP nothing listens here"); return; }
      let held = 0; const kept = [];
      for (let round = 0; round < 50; round++) {
        const some = await Promise.all(Array.from({ length: 100 }, () => within(2000, open(port)).catch(() => undefined)));
        for (const socket of some) if (socket) { socket.on("error", () => {}); kept.push(socket); held++; if (held % 2) socket.write("CONNECT allowed.test:443 HTTP/1.1\r\nHost: allow"); else socket.write("CONNECT allowed.test:443 HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n"); }
      }
      line("SAW", held, "connections"); await pause(1500);
    `,
      { timeoutMs: 90_000 },
    ),
    fresh: true,
    online: true,
    boundedMemory: true,
    ...all(ends("exit", "timeout"), refuses({})),
  },
  {
    id: "proxy-malformed",
    group,
    aim: "Sends the proxy requests that are wrong, odd or binary.",
    harm: "One is passed on, or the proxy is gone afterwards.",
    program: node(
      String.raw`${PORTS}
      const [port] = listening(); if (!port) { line("SKIP nothing listens here"); return; }
      const requests = ["\0\0\0\0", "GET\r\n\r\n", "CONNECT\r\n\r\n", "CONNECT  HTTP/1.1\r\n\r\n", "CONNECT a:99999 HTTP/1.1\r\n\r\n", "CONNECT a:-1 HTTP/1.1\r\n\r\n", "CONNECT a:80:90 HTTP/1.1\r\n\r\n", "CONNECT [::1 HTTP/1.1\r\n\r\n", "CONNECT " + "a".repeat(100000) + ":443 HTTP/1.1\r\n\r\n", "GET ftp://forbidden.test/ HTTP/1.1\r\n\r\n", "GET file:///etc/passwd HTTP/1.1\r\n\r\n", "GET gopher://forbidden.test:70/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: forbidden.test\r\n\r\n", "TRACE http://forbidden.test/ HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "CONNECT allowed.test%00.forbidden.test:443 HTTP/1.1\r\n\r\n", "GET http://forbidden.test/ HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nHost: forbidden.test\r\n\r\n", "X".repeat(200000), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x05\x01\x00", "\x04\x01\x00\x50\x7f\x00\x00\x01\x00", "GET http://forbidden.test/ HTTP/1.1\r\n" + "X-A: b\r\n".repeat(20000) + "\r\n", "POST http://forbidden.test/ HTTP/1.1\r\nHost: forbidden.test\r\nContent-Length: -5\r\n\r\nabc", "POST http://forbidden.test/ HTTP/1.1\r\nHost: forbidden.test\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"];
      for (const [at, request] of requests.entries()) {
        const socket = await open(port); if (!socket) { told("send:" + at, "ECONNREFUSED"); continue; }
        const answer = await new Promise((resolve) => { let text = ""; socket.on("data", (data) => { text += data.toString("latin1"); }); socket.on("close", () => resolve(text)); socket.on("error", () => resolve(text)); setTimeout(() => { resolve(text || "no answer"); socket.destroy(); }, 1500); socket.write(Buffer.from(request, "latin1")); });
        told("send:" + at, /^HTTP\/1\.[01] 2/.test(answer) ? true : "REFUSED", answer.slice(0, 60));
      }
      await attempt("alive", async () => { const socket = await within(5000, open(port)); socket.destroy(); });
      const again = await within(5000, open(port)).catch(() => undefined); told("gone", again ? "REFUSED" : true);
    `,
      { timeoutMs: 120_000 },
    ),
    online: true,
    boundedMemory: true,
    ...refuses({ host: ["send", "gone"] }),
  },
  {
    id: "proxy-slow",
    group,
    aim: "Sends 400 requests to the proxy a byte at a time.",
    harm: "Others no longer get through, or the sandbox stops answering.",
    program: node(
      String.raw`${PORTS}
      const [port] = listening(); if (!port) { line("SKIP nothing listens here"); return; }
      const request = Buffer.from("CONNECT allowed.test:443 HTTP/1.1\r\nHost: allowed.test\r\nX-Slow: " + "a".repeat(300));
      const sockets = (await Promise.all(Array.from({ length: 400 }, () => within(3000, open(port)).catch(() => undefined)))).filter(Boolean);
      for (const socket of sockets) socket.on("error", () => {});
      for (let at = 0; at < 60; at++) { for (const socket of sockets) if (!socket.destroyed) socket.write(request.subarray(at, at + 1)); await pause(100); }
      line("SAW", sockets.filter((socket) => !socket.destroyed).length, "still open");
    `,
      { timeoutMs: 60_000 },
    ),
    fresh: true,
    online: true,
    boundedMemory: true,
    ...all(ends("exit", "timeout"), refuses({})),
  },
  {
    id: "shadowed-tools",
    group,
    aim: "Leaves programs and settings where what serves files for Dunlin could pick them up.",
    harm: "A file that Dunlin reads back is another one.",
    program: sh(String.raw`
      mkdir -p "$HOME/bin" "$HOME/.local/bin" /workspace/node_modules/.bin /tmp/bin
      for folder in "$HOME/bin" "$HOME/.local/bin" /workspace /workspace/node_modules/.bin /tmp /tmp/bin; do
        for tool in tar cat sh node stat mkdir dd find; do printf '#!/bin/sh\necho swapped\n' > "$folder/$tool"; chmod 755 "$folder/$tool"; done
      done
      for file in .profile .bashrc .bash_profile .shrc .env; do printf 'export PATH=/tmp/bin:$PATH TAR_OPTIONS=--exclude=* NODE_OPTIONS=--require=/tmp/swap.js\n' > "$HOME/$file"; done
      echo 'process.stdout.write("swapped"); process.exit(0)' > /tmp/swap.js; cp /tmp/swap.js "$HOME/.noderc"; printf 'NODE_OPTIONS=--require=/tmp/swap.js\n' > /workspace/.env
      printf '{"type":"module","imports":{"#x":"./x.js"}}' > /workspace/package.json; cp /tmp/swap.js /tmp/fs.js; mkdir -p "$HOME/.node_modules/fs" "$HOME/.node_libraries"; cp /tmp/swap.js "$HOME/.node_modules/fs/index.js"
      echo genuine > /workspace/file
    `),
    fresh: true,
    after: [
      { name: "read", do: "read", path: "/workspace/file", maxBytes: 4096 },
      {
        name: "download",
        do: "download",
        folder: "/workspace",
        paths: ["file"],
        maxBytes: 1 << 20,
      },
    ],
    ...all(
      refuses({}),
      ...["read", "download"].map((name) =>
        step(name, ({ text }) => (text.includes("genuine") ? undefined : "It was another."), {
          bite: { text: "swapped" },
          calm: { text: "genuine" },
        }),
      ),
    ),
  },
  {
    id: "closed-workspace",
    group,
    aim: "Takes all rights off its workspace and home, and swaps them for links.",
    harm: "The sandbox hangs, or Dunlin follows a link out of it.",
    program: sh(
      "ln -s /etc /workspace/link; chmod 000 /workspace /home/job /tmp 2>/dev/null; mv /workspace /tmp/elsewhere 2>/dev/null; rmdir /workspace 2>/dev/null; true",
    ),
    fresh: true,
    after: [
      { name: "read", do: "read", path: "/workspace/link/shadow", maxBytes: 4096 },
      { name: "write", do: "write", path: "/workspace/link/planted", text: "planted" },
      { name: "run", do: "run", program: sh("chmod 755 /workspace; ls -la /etc/planted") },
    ],
    ...all(
      ends("bare exit"),
      step("read", ({ text }) => (/root:/.test(text) ? "It read /etc/shadow." : undefined), {
        bite: { text: "root:x:1" },
        calm: { end: "refused" },
      }),
      step("write", ({ end }) => (end === "done" ? "It was written." : undefined), {
        bite: { end: "done" },
        calm: { end: "refused" },
      }),
      step("run", () => undefined, { bite: { end: "never" }, calm: {} }),
    ),
  },
  {
    id: "watch-guest",
    group,
    aim: "Counts the guest's context switches and watches its folders to learn what Dunlin does.",
    harm: "The files of the wire can be listed.",
    program: perl(String.raw`
      for my $pid (root_pids()) { my $ok = opendir(my $list, "/proc/$pid/fd"); told("list:$pid", $ok) }
      for my $folder ('/run/dunlin', '/root', '/opt/dunlin') { my $ok = sysopen(my $out, "$folder/x", O_CREAT | O_WRONLY); told("write:$folder", $ok) }
      measured('written', 0);
    `),
    ...all(
      refuses({ host: ["write"], noted: ["list"] }),
      stays(() => ({ written: 0 })),
    ),
  },
];
