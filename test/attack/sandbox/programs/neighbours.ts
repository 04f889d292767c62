import type { AttackCase } from "../attack-case.ts";
import { all, refuses, that } from "../judges.ts";
import { seen } from "../made-up.ts";
import { node, perl, sh } from "../program.ts";

const group = "Other sandboxes";

/** What the other sandbox prints when anything reaches it. */
const UNREACHED = that(
  ({ neighbour }) => {
    if (neighbour === undefined) return "The other sandbox did not run.";
    return /^GOT .*$/m.exec(neighbour.out)?.[0];
  },
  { bite: { neighbour: seen("READY\nGOT a signal\n") }, calm: { neighbour: seen("READY\n") } },
);

const NEIGHBOUR = node(
  String.raw`
  const secret = process.env.ATTACK_SECRET;
  for (const folder of ["/workspace", "/tmp", "/home/job", "/dev/shm"]) try { fs.writeFileSync(folder + "/neighbour-secret", "CANARY " + secret); fs.chmodSync(folder + "/neighbour-secret", 0o666); } catch {}
  spawn("perl", ["-e", "my $id = shmget(0x41545441, 4096, 01666); shmwrite($id, 'CANARY ' . $ENV{ATTACK_SECRET}, 0, 60); my $q = msgget(0x41545441, 01666); msgsnd($q, pack('l! a*', 1, 'CANARY ' . $ENV{ATTACK_SECRET}), 0); sleep 600"], { stdio: "inherit" });
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGTERM", "SIGHUP", "SIGINT", "SIGCONT"]) process.on(signal, () => line("GOT", signal));
  const say = (name) => (socket) => { line("GOT a connection at", name); socket.on("error", () => {}); socket.end("CANARY " + secret); };
  const all = [new Promise((resolve) => net.createServer(say("abstract")).listen({ path: "\0attack-neighbour" }, resolve)), new Promise((resolve) => net.createServer(say("port")).listen(47111, "0.0.0.0", resolve)), new Promise((resolve) => net.createServer(say("file")).listen("/tmp/neighbour.sock", resolve))];
  const udp = require("node:dgram").createSocket("udp4"); udp.on("message", () => line("GOT a datagram")); udp.bind(47112, "0.0.0.0");
  await Promise.allSettled(all.map((one) => within(3000, one))); await pause(1000); line("READY"); await pause(600000);
`,
  { timeoutMs: 600_000 },
);

function beside(
  id: string,
  aim: string,
  harm: string,
  program: AttackCase["program"],
  host: readonly string[] = [],
): AttackCase {
  return {
    id,
    number: 56,
    group,
    aim,
    harm,
    program,
    neighbour: NEIGHBOUR,
    fresh: true,
    ...all(refuses({ host }), UNREACHED),
  };
}

export const NEIGHBOURS: readonly AttackCase[] = [
  beside(
    "neighbour-processes",
    "Looks for another sandbox's processes, signals all it can, reads their environments.",
    "A process of the other gets a signal or is read.",
    perl(String.raw`
      $SIG{USR1} = 'IGNORE'; kill 'USR1', -1; for my $pid (2 .. 40000) { next if $pid == $$; kill 'USR1', $pid; }
      for my $pid (map { m{(\d+)$} } glob '/proc/[0-9]*') { line('SAW', $pid, slurp("/proc/$pid/cmdline", 300) || ''); print slurp("/proc/$pid/environ") || '', "\n" }
    `),
  ),
  beside(
    "neighbour-files",
    "Looks for another sandbox's files in every folder and every open descriptor.",
    "What the other wrote is printed.",
    sh(
      "for file in $(find / -name 'neighbour-secret' -not -path '/proc/*' 2>/dev/null) /proc/*/root/workspace/neighbour-secret /proc/*/root/tmp/neighbour-secret /proc/*/cwd/neighbour-secret; do echo \"$file\"; cat \"$file\" 2>/dev/null; done",
      { timeoutMs: 60_000 },
    ),
  ),
  beside(
    "neighbour-memory",
    "Attaches another sandbox's shared memory, semaphores and message queues, by key and by number.",
    "What lies in them is printed.",
    perl(String.raw`
      my $id = shmget(0x41545441, 0, 0); told('memory', defined $id); for my $n (defined $id ? $id : (), 0 .. 200) { my $text = ''; if (shmread($n, $text, 0, 60)) { told("memory:$n", 1); print "$text\n" } }
      my $queue = msgget(0x41545441, 0); told('queue', defined $queue); for my $n (0 .. 50) { my $text = ''; if (msgrcv($n, $text, 200, 0, 04000)) { told("queue:$n", 1); print "$text\n" } }
      for my $file (qw(/proc/sysvipc/shm /proc/sysvipc/msg)) { my @rows = split /\n/, slurp($file) || ''; $! = 2; told('rows', @rows > 1, $file) } 
      for my $file (glob '/dev/mqueue/* /dev/shm/*') { line('SAW', $file); print slurp($file) || '', "\n" }
    `),
    ["memory", "queue"],
  ),
  beside(
    "neighbour-sockets",
    "Dials another sandbox's abstract sockets, ports and files, on every address of its own network.",
    "The other is reached.",
    node(String.raw`
      const dial = (name, options) => attempt(name, () => within(2000, new Promise((resolve, reject) => { const socket = net.connect(options); let text = ""; socket.on("data", (data) => { text += data; }); socket.on("end", () => resolve(text)); socket.on("error", reject); })));
      await dial("abstract", { path: "\0attack-neighbour" }); await dial("file", "/tmp/neighbour.sock");
      const own = Object.values(require("node:os").networkInterfaces()).flat().map(({ address }) => address);
      for (const host of ["127.0.0.1", "::1", "172.17.0.1", "172.17.0.2", "172.17.0.3", "10.0.0.1", ...own]) await dial("port:" + host, { host, port: 47111 });
      const udp = require("node:dgram").createSocket("udp4"); udp.on("error", () => {}); for (const host of ["127.0.0.1", "172.17.0.2", "255.255.255.255", "224.0.0.1"]) udp.send("x", 47112, host, () => {}); await pause(500);
    `),
    ["abstract", "file", "port"],
  ),
  {
    id: "leavings",
    number: 56,
    group,
    aim: "Leaves files, shared memory, queues and sockets for the sandbox that comes next.",
    harm: "A sandbox made later finds them.",
    program: perl(String.raw`
      for my $folder (qw(/workspace /tmp /home/job /dev/shm /var/tmp /run /dev/mqueue)) { my $out; open($out, '>', "$folder/attack-left-over") and print $out 'left' }
      my $id = shmget(0x4c454654, 4096, 01666);
    `),
    fresh: true,
    neighbour: perl(String.raw`
      print "READY\n"; for (1 .. 10) { sleep 1; for my $file (glob '/workspace/attack-left-over /tmp/attack-left-over /home/job/attack-left-over /dev/shm/attack-left-over /var/tmp/attack-left-over /run/attack-left-over') { line('GOT', $file) if -e $file } line('GOT', 'shared memory') if defined shmget(0x4c454654, 0, 0) }
    `),
    ...all(refuses({}), UNREACHED),
  },
];
