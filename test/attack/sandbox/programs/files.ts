import type { AttackCase, Step, TarEntry } from "../attack-case.ts";
import { all, ends, refuses, step } from "../judges.ts";
import { perl, sh } from "../program.ts";

const group = "Files coming out";
const MIB = 1 << 20;
const SECRET = /root:[x*!]?:|CANARY|PRIVATE KEY/;

function read(path: string, maxBytes = 65_536): Step {
  return { name: `read ${path}`, do: "read", path, maxBytes };
}

function download(folder: string, paths: readonly string[], maxBytes = 32 * MIB): Step {
  return { name: "download", do: "download", folder, paths, maxBytes };
}

/** Never more than was asked for, and never for ever. */
function bounded(name: string, maxBytes: number) {
  return step(
    name,
    ({ bytes }) => (bytes > maxBytes ? `${bytes} bytes came, over ${maxBytes}.` : undefined),
    { bite: { bytes: maxBytes + 1 }, calm: { bytes: 0 } },
  );
}

function secretless(name: string) {
  return step(
    name,
    ({ text }) => (SECRET.test(text) ? `It holds ${text.slice(0, 60)}` : undefined),
    { bite: { text: "root:x:0:0" }, calm: { end: "refused" } },
    "LEAKED",
  );
}

const LINKED = ["shadow", "environ", "guest", "canary", "disk", "loop", "dotdot/etc/shadow"];

const CLIMBING: readonly TarEntry[] = [
  { name: "../../../../../../tmp/climbed", text: "climbed" },
  { name: "/tmp/absolute", text: "climbed" },
  { name: "in/link", type: "symlink", linkname: "/tmp" },
  { name: "in/link/through", text: "climbed" },
  { name: "in/hard", type: "link", linkname: "/etc/shadow" },
  { name: "in/pipe", type: "fifo" },
];

export const FILES: readonly AttackCase[] = [
  {
    id: "links-to-secrets",
    number: 31,
    group,
    aim: "Leaves links to files of root's, of the guest's and of the host's where Dunlin reads files.",
    harm: "Dunlin reads what the link names.",
    program: sh(
      'cd /workspace; ln -s /etc/shadow shadow; ln -s /proc/self/environ environ; ln -s /proc/1/environ guest; ln -s "$ATTACK_FILE" canary; ln -s /dev/zero disk; ln -s loop loop; ln -s ../.. dotdot; ls -la',
    ),
    fresh: true,
    after: [
      ...LINKED.map((name) => read(`/workspace/${name}`)),
      download("/workspace", ["shadow", "canary"]),
    ],
    ...all(
      refuses({}),
      ...LINKED.map((name) => secretless(`read /workspace/${name}`)),
      secretless("download"),
    ),
  },
  {
    id: "swapped-links",
    group,
    aim: "Swaps a file for a link to a secret thousands of times a second while Dunlin reads it.",
    harm: "A read gives what the link names, or hangs.",
    program: perl(
      String.raw`
      my ($secret) = split /:/, $ENV{ATTACK_FILES}; print "READY\n"; my $until = time + 5;
      while (time < $until) { open(my $out, '>', '/workspace/new'); print $out "genuine"; close $out; rename '/workspace/new', '/workspace/swapped'; symlink(($until % 2 ? '/etc/shadow' : $secret), '/workspace/new'); rename '/workspace/new', '/workspace/swapped' }
    `,
      { timeoutMs: 60_000 },
    ),
    meanwhile: Array.from({ length: 5 }, (_, at) => ({
      ...read("/workspace/swapped"),
      name: `read ${at}`,
    })),
    after: [read("/workspace/swapped"), download("/workspace", ["swapped"])],
    ...all(
      ends("exit"),
      ...["read 0", "read 4", "read /workspace/swapped", "download"].map(secretless),
    ),
  },
  {
    id: "pipes-for-files",
    number: 48,
    group,
    aim: "Leaves pipes, sockets and endless devices where Dunlin reads files.",
    harm: "A read hangs.",
    program: sh(
      "cd /workspace; mkfifo pipe; ln -s /dev/zero zero; ln -s /dev/tty tty; ln -s /proc/self/fd/0 input; ln -s /dev/stdin stdin; ln -s /dev/urandom random; ln -s /proc/kmsg kmsg; perl -MSocket -e 'socket(S,1,1,0);bind(S,sockaddr_un(\"socket\"))'; ls -la",
    ),
    fresh: true,
    boundedMemory: true,
    after: [
      ...["pipe", "zero", "tty", "input", "random", "socket", "kmsg"].map((name) =>
        read(`/workspace/${name}`, MIB),
      ),
      download("/workspace", ["."]),
      { name: "write pipe", do: "write", path: "/workspace/pipe", text: "x".repeat(100_000) },
    ],
    ...all(
      refuses({}),
      ...["pipe", "zero", "tty", "input", "random", "socket", "kmsg"].map((name) =>
        bounded(`read /workspace/${name}`, MIB),
      ),
      bounded("download", 32 * MIB),
      step("write pipe", () => undefined, { bite: { end: "never" }, calm: {} }),
    ),
  },
  {
    id: "too-large",
    number: 48,
    group,
    aim: "Leaves a file of 1 TiB without content and one of 200 MiB.",
    harm: "More comes out than Dunlin asked for, or it takes for ever.",
    program: sh(
      "cd /workspace; truncate -s 1T sparse || truncate -s 2000M sparse; head -c 200000000 /dev/zero | tr '\\0' x > large; ls -la",
      { timeoutMs: 60_000 },
    ),
    fresh: true,
    boundedMemory: true,
    after: [
      read("/workspace/sparse", MIB),
      read("/workspace/large", MIB),
      { ...download("/workspace", ["sparse"]), name: "download sparse" },
      download("/workspace", ["large"]),
    ],
    ...all(
      ends("exit"),
      ...["read /workspace/sparse", "read /workspace/large"].map((name) => bounded(name, MIB)),
      ...["download sparse", "download"].map((name) => bounded(name, 32 * MIB)),
    ),
  },
  {
    id: "growing-file",
    group,
    aim: "Leaves a file whose size is not what it says: without end in /proc, growing while it is read.",
    harm: "More is read than was asked for.",
    program: sh(
      "cd /workspace; ln -s /proc/self/maps maps; ln -s /proc/self/mem mem; ln -s /sys/kernel/notes notes; ln -s /proc/self/pagemap pagemap; true",
    ),
    fresh: true,
    after: ["maps", "mem", "notes", "pagemap"].map((name) => read(`/workspace/${name}`, 4096)),
    ...all(
      ends("exit"),
      ...["maps", "mem", "notes", "pagemap"].map((name) =>
        bounded(`read /workspace/${name}`, 4096),
      ),
    ),
  },
  {
    id: "many-changed-files",
    number: 48,
    group,
    aim: "Leaves 100,000 files in one folder.",
    harm: "Dunlin's memory grows with them, or it never ends.",
    program: perl(
      String.raw`mkdir '/workspace/many'; my $n = 0; while ($n < 100000) { open(my $out, '>', "/workspace/many/file-$n") or last; print $out $n; $n++ } measured('files', $n);`,
      { timeoutMs: 120_000 },
    ),
    fresh: true,
    boundedMemory: true,
    after: [download("/workspace", ["many"], 256 * MIB)],
    ...all(ends("exit", "timeout"), bounded("download", 256 * MIB)),
  },
  {
    id: "farm",
    number: 48,
    group,
    aim: "Leaves 2,000 hard links, link rings, pipes and files with names of newlines, escapes and bytes that are no text.",
    harm: "Copying them out breaks Dunlin, grows without bound or never ends.",
    program: perl(
      String.raw`
      mkdir '/workspace/farm'; chdir '/workspace/farm'; open(my $out, '>', 'one'); print $out "x" x (1 << 20); close $out;
      link 'one', "hard$_" for 1 .. 2000; symlink "ring" . (($_ + 1) % 50), "ring$_" for 0 .. 49; symlink '/', 'root'; symlink '.', 'self';
      POSIX::mkfifo("pipe$_", 0600) for 1 .. 20;
      for my $name ("new\nline", "carriage\rreturn", "\e[2Jescape", "\xff\xfe\xfd", "\xc3\x28", "-rf", "--checkpoint-action=exec=touch pwned", "--to-command=sh", " ", "a" x 255, "\xe2\x80\xae\x67\x70\x6a", "tab\there", 'quote"and' . "'", '$(touch pwned)', '.git', 'CON', "back\\slash", "\x01") { open(my $f, '>', $name) or next; print $f 'x' }
      link '/etc/shadow', 'shadow'; link '/usr/bin/id', 'id'; my @all = glob '* .*'; measured('names', scalar @all);
    `,
      { timeoutMs: 60_000 },
    ),
    fresh: true,
    boundedMemory: true,
    after: [
      download("/workspace", ["farm"]),
      {
        ...download("/workspace/farm", [
          "--checkpoint=1",
          "--checkpoint-action=exec=touch pwned",
          "--to-command=sh",
          "-rf",
        ]),
        name: "options",
      },
      { ...download("/workspace/farm", ["new\nline", "\u001b[2Jescape"]), name: "names" },
      { name: "look", do: "run", program: sh("ls -d /workspace/pwned /workspace/farm/pwned") },
    ],
    ...all(
      ends("exit"),
      bounded("download", 32 * MIB),
      secretless("download"),
      bounded("options", 32 * MIB),
      bounded("names", 32 * MIB),
      step(
        "look",
        ({ text }) =>
          /^\/workspace.*pwned/m.test(text) ? "A name was run as an option." : undefined,
        { bite: { text: "/workspace/pwned\n" }, calm: { text: "" } },
      ),
    ),
  },
  {
    id: "writes-through-links",
    number: 31,
    group,
    aim: "Leaves links where Dunlin writes files and unpacks archives.",
    harm: "A file outside of its folder is written.",
    program: sh(
      'cd /workspace; ln -s /etc etc; ln -s /run/dunlin run; ln -s "$(dirname "$ATTACK_FILE")" home; ln -s "$ATTACK_FILE" file; ln -s /opt/dunlin opt; true',
    ),
    fresh: true,
    after: [
      ...["etc/planted", "run/planted", "home/planted", "file", "opt/planted"].map((name) => ({
        name: `write ${name}`,
        do: "write" as const,
        path: `/workspace/${name}`,
        text: "planted",
      })),
      { name: "unpack", do: "upload", folder: "/workspace/etc", entries: [{ name: "planted2" }] },
      {
        name: "look",
        do: "run",
        program: sh("ls -d /etc/planted* /run/dunlin/planted /opt/dunlin/planted 2>/dev/null"),
      },
    ],
    ...all(
      ends("exit"),
      step("look", ({ text }) => (text.includes("/planted") ? `It has ${text}` : undefined), {
        bite: { text: "/etc/planted\n" },
        calm: { text: "" },
      }),
    ),
  },
  {
    id: "climbing-archive",
    group,
    aim: "Has Dunlin unpack an archive whose names climb, are absolute or lead through links.",
    harm: "A file outside of the folder is written with other rights than the job's.",
    program: sh("mkdir -p /workspace/in/in"),
    fresh: true,
    after: [
      { name: "unpack", do: "upload", folder: "/workspace/in", entries: CLIMBING },
      {
        name: "look",
        do: "run",
        program: sh(
          "find /tmp /workspace /etc /run -user 0 \\( -name climbed -o -name absolute -o -name through \\) 2>/dev/null; grep -l root: /workspace/in/in/hard 2>/dev/null; ls /workspace/in | head; true",
        ),
      },
    ],
    ...all(
      ends("exit"),
      step(
        "look",
        ({ text }) => (/climbed|absolute|through|\/hard/.test(text) ? `It has ${text}` : undefined),
        { bite: { text: "/etc/climbed" }, calm: { text: "" } },
      ),
    ),
  },
  {
    id: "job-settings",
    number: 55,
    group,
    aim: "Ships settings that tools run on the host: a Dockerfile, dev container and compose file that ask for everything.",
    harm: "Something of them runs on the host.",
    program: sh(String.raw`
      cd /workspace; mkdir -p .devcontainer .github/workflows .vscode .git/hooks; touch="touch $ATTACK_MARK"
      printf 'FROM scratch\nRUN --security=insecure %s\nVOLUME /\n' "$touch" > Dockerfile
      printf '{"privileged":true,"runArgs":["--privileged","--pid=host","-v","/:/host"],"initializeCommand":"%s"}' "$touch" > .devcontainer/devcontainer.json
      printf 'services:\n  a:\n    privileged: true\n    pid: host\n    volumes: ["/:/host"]\n    command: %s\n' "$touch" > docker-compose.yml
      for hook in pre-commit post-checkout post-index-change; do printf '#!/bin/sh\n%s\n' "$touch" > .git/hooks/$hook; chmod 755 .git/hooks/$hook; done
      printf '[core]\n\tfsmonitor = "%s"\n' "$touch" > .git/config; printf '%s\n' "$touch" > .envrc; printf '[tasks]\nx="%s"\n' "$touch" > mise.toml
    `),
    fresh: true,
    after: [download("/workspace", ["."])],
    ...all(refuses({}), bounded("download", 32 * MIB)),
  },
];
