import type { AttackCase } from "../attack-case.ts";
import { all, refuses, step, that } from "../judges.ts";
import { seen } from "../made-up.ts";
import { node, perl, sh } from "../program.ts";

const group = "Host files and processes";

/** Names that a command's environment may have; everything else would come from the host. */
const ENVIRONMENT =
  /^(CI|HOME|USER|LOGNAME|PAGER|NO_COLOR|TERM|PATH|LANG|LC_ALL|GIT_PAGER|PWD|OLDPWD|SHLVL|SHELL|_|HOSTNAME|TMPDIR|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|YARN_HTTPS?_PROXY|NODE_[A-Z_]+|npm_config_\w+|GIT_\w+|ATTACK_\w+)$/;

const CWDS = Array.from({ length: 18 }, (_, at) => `/proc/self/fd/${at + 3}`);

export const HOST: readonly AttackCase[] = [
  {
    id: "host-files",
    group,
    aim: "Reads files of the host's home folders by their paths, also through /proc/*/root, cwd and descriptors.",
    harm: "A planted file's content is printed.",
    program: node(String.raw`
      const files = process.env.ATTACK_FILES.split(":");
      const ways = ["", "/proc/1/root", "/proc/self/root", "/proc/1/cwd", "/proc/self/cwd/../../../../../..", "/proc/1/root/proc/1/root"];
      for (const pid of fs.readdirSync("/proc").filter(Number)) ways.push("/proc/" + pid + "/root", "/proc/" + pid + "/cwd/../../..");
      for (let fd = 0; fd < 64; fd++) ways.push("/proc/self/fd/" + fd + "/../../../../..", "/proc/1/fd/" + fd + "/../../../..");
      for (const way of ways) for (const file of files) await attempt("read:" + way, () => fs.readFileSync(way + file, "utf8"));
    `),
    ...refuses({ host: ["read"] }),
  },
  {
    id: "host-sockets",
    number: 53,
    group,
    aim: "Looks for sockets of the engine, of containerd or of the host's services and asks them something.",
    harm: "An engine or a service of the host answers.",
    program: node(String.raw`
      const found = ["/var/run/docker.sock", "/run/docker.sock", "/run/dunlin/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/notify"];
      const walk = (folder, depth) => {
        let entries = [];
        try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
        for (const entry of entries) {
          const path = (folder === "/" ? "" : folder) + "/" + entry.name;
          if (entry.isSocket()) found.push(path);
          else if (entry.isDirectory() && depth > 0 && !/^\/(proc|sys|usr)$/.test(path)) walk(path, depth - 1);
        }
      };
      walk("/", 6);
      if (process.env.DOCKER_HOST) told("variable", true, process.env.DOCKER_HOST); else told("variable", "UNSET");
      for (const path of found) await attempt("ask:" + path, () => within(3000, new Promise((resolve, reject) => {
        const socket = net.connect(path, () => socket.write("GET /_ping HTTP/1.1\r\nHost: a\r\n\r\n"));
        socket.on("data", (data) => { resolve(data.toString("latin1", 0, 100)); socket.destroy(); });
        socket.on("error", reject); socket.on("close", () => reject(Object.assign(new Error(), { code: "ECLOSED" })));
      })));
    `),
    ...refuses({ host: ["variable", "ask"] }),
  },
  {
    id: "host-identity",
    number: 53,
    group,
    aim: "Prints its environment, its name and its name servers to find the host in them.",
    harm: "The host's name or variables of Dunlin's process are there.",
    program: node(String.raw`
      line("NAME", require("node:os").hostname(), fs.readFileSync("/etc/hostname", "utf8").trim());
      for (const name of Object.keys(process.env)) line("ENV", name);
      line("HOSTS", fs.readFileSync("/etc/hosts", "utf8"));
    `),
    ...all(
      refuses({}),
      that(
        ({ host, command: { out } }) => {
          const name = /^NAME (.*)$/m.exec(out)?.[1]?.split(" ") ?? [];
          return name.includes(host.name) ? "It has the host's name." : undefined;
        },
        { bite: { command: seen("NAME the-host the-host\nDONE\n") } },
      ),
      that(
        ({ command: { out } }) => {
          const names = [...out.matchAll(/^ENV (\S+)$/gm)].map(([, name = ""]) => name);
          const foreign = names.filter((name) => !ENVIRONMENT.test(name));
          return foreign.length === 0 ? undefined : `Unexpected variables: ${foreign.join(", ")}.`;
        },
        { bite: { command: seen("ENV OPENAI_API_KEY\nDONE\n") } },
        "LEAKED",
      ),
    ),
  },
  {
    id: "host-processes",
    group,
    aim: "Reads the command line, environment and memory of every process it can find by number.",
    harm: "What a process of the host has in its arguments or environment is printed.",
    program: perl(String.raw`
      for my $pid (1 .. 32768) {
        next unless -d "/proc/$pid";
        for my $file (qw(cmdline environ comm)) {
          my $text = slurp("/proc/$pid/$file");
          line("SAW", $pid, $file, defined $text ? $text : error_name());
        }
      }
      my $bait = $ENV{ATTACK_HOST_PID};
      my $text = slurp("/proc/$bait/environ");
      told("bait", !!(defined $text && $text =~ /BAIT/), "environment of process $bait");
    `),
    ...refuses({ host: ["bait"] }),
  },
  {
    id: "host-signals",
    group,
    aim: "Sends signals to every process number, one by one, and to all at once.",
    harm: "A process of the host gets one.",
    program: perl(String.raw`
      $SIG{USR2} = 'IGNORE';
      my $hit = 0;
      for my $pid (2 .. 65536) { next if $pid == $$; $hit++ if kill 'USR2', $pid }
      kill 'USR2', -1;
      line("SAW", "$hit processes took it");
    `),
    ...refuses({}),
  },
  {
    id: "descriptor-cwd",
    number: 51,
    group,
    aim: "Asks for a command in /proc/self/fd/N, where a runtime may have left a folder of the host open.",
    harm: "The command starts outside of the sandbox's own files.",
    program: sh("true"),
    after: CWDS.map((cwd) => ({
      name: cwd,
      do: "run" as const,
      program: sh("cat ../../../../../../../..$ATTACK_FILE", { cwd }),
    })),
    ...all(
      refuses({}),
      ...CWDS.map((cwd) =>
        step(
          cwd,
          ({ end, text }) =>
            end === "done" && text.includes("CANARY") ? "It read the host." : undefined,
          { bite: { text: "CANARY" }, calm: { end: "refused" } },
        ),
      ),
    ),
  },
  {
    id: "inherited-descriptors",
    group,
    aim: "Tries every descriptor number for one that it inherited.",
    harm: "There is any besides input, output and errors.",
    program: perl(String.raw`
      for my $fd (3 .. 4095) {
        open(my $copy, '+<&=', $fd) or do { told("descriptor:$fd", 0) if $fd == 3; next };
        my $to = readlink("/proc/self/fd/$fd");
        next unless defined $to;
        told("descriptor:$fd", 1, $to);
      }
    `),
    ...refuses({ host: ["descriptor"] }),
  },
  {
    id: "runtime-binary",
    number: 51,
    group,
    aim: "Opens the programs that run the sandbox for writing, through /proc/*/exe and by their paths.",
    harm: "One of them could be overwritten.",
    program: perl(String.raw`
      for my $pid ('self', 1, root_pids()) { my $ok = sysopen(my $out, "/proc/$pid/exe", O_WRONLY); told("exe:$pid", $ok) }
      for my $file ('/usr/sbin/docker-init', '/sbin/docker-init', '/.dockerenv', glob('/opt/dunlin/*'), glob('/opt/dunlin/*/*')) {
        next unless -f $file;
        my $ok = sysopen(my $out, $file, O_WRONLY);
        told("file:$file", $ok);
      }
      told("file:none", 0);
    `),
    ...refuses({ host: ["exe", "file"] }),
  },
  {
    id: "planted-files",
    group,
    aim: "Changes programs, libraries and settings that what serves the sandbox will use next.",
    harm: "Anything outside of its own folders is changed.",
    program: node(String.raw`
      const files = ["/etc/ld.so.preload", "/etc/ld.so.cache", "/etc/passwd", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts", "/etc/gitconfig", "/etc/profile", "/usr/local/bin/node", "/usr/bin/tar", "/usr/bin/git", "/bin/sh", "/opt/dunlin/planted", "/run/dunlin/planted", "/run/planted", "/planted", "/lib/x86_64-linux-gnu/libc.so.6", "/root/.profile", "/var/tmp/../planted"];
      for (const file of files) {
        await attempt("write:" + file, () => { fs.closeSync(fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_CREAT)); });
        await attempt("replace:" + file, () => { fs.renameSync(file, file + ".old"); });
        await attempt("remove:" + file, () => { fs.unlinkSync(file); });
      }
    `),
    ...refuses({ host: ["write", "replace", "remove"] }),
  },
];
