/** A program that is run inside a sandbox, in a language that its image may have. */
export type Program = {
  readonly language: "sh" | "perl" | "node";
  readonly source: string;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly maxOutputBytes?: number;
  readonly killAfterOutputBytes?: number;
};

type Options = Omit<Program, "language" | "source">;

/*
 * What programs print, a line each:
 *   TRY kind[:detail] ok|ERRNO [what came of it]
 *   MEASURE name number
 *   SKIP why this can't be tried here
 *   DONE, last, once nothing was left untried
 */
const PERL = String.raw`
use strict; use warnings; no warnings 'portable'; use Errno (); use Fcntl; use Socket; use POSIX ();
$| = 1; $SIG{PIPE} = 'IGNORE';
my $arm = (POSIX::uname())[4] eq 'aarch64';
sub error_name { for my $name (keys %!) { return $name if exists $!{$name} && $!{$name} } "E" . ($! + 0) }
sub line { my $text = join ' ', @_; $text =~ s/[^\x20-\x7e]+/ /g; print substr($text, 0, 400), "\n" }
sub told { my ($name, $ok, @more) = @_; line('TRY', $name, $ok ? 'ok' : error_name(), @more) }
sub measured { line('MEASURE', @_) }
sub opens { my ($file, @ways) = @_; for my $way (@ways) { return $_ for grep { defined } opened($file, $way | O_NONBLOCK | O_NOCTTY) } undef }
sub opened { my $handle; sysopen($handle, $_[0], $_[1]) ? $handle : undef }
sub reads { my ($file) = @_; my $text; my $in = opens($file, O_RDONLY) or return; sysread($in, $text, 64) ? $text : undef }
sub is_masked { my @s = stat $_[0]; -c _ && $s[6] == 259 }
sub call {
  my ($name, $x86, $arm64, @args) = @_;
  @args = map { /^-?\d+$/ ? $_ + 0 : $_ } @args;
  my $number = $arm ? $arm64 : $x86;
  return -1 if $number < 0;
  local $! = 0;
  my $result = syscall($number, @args);
  told($name, $result >= 0);
  return $result;
}
sub slurp { my ($file, $most) = @_; open(my $in, '<', $file) or return; my $n = sysread($in, my $text, $most || 65536); defined $n ? $text : undef }
sub fork_or { my ($body) = @_; my $pid = fork; if (defined $pid && $pid == 0) { $body->(); POSIX::_exit(0) } $pid }
sub root_pids { map { $_ + 0 } grep { my @s = stat "/proc/$_"; @s && $s[4] == 0 && !-e "/proc/$_/task/0" } map { m{(\d+)$} } glob '/proc/[0-9]*' }
`;

const NODE = String.raw`
const fs = require("node:fs"), net = require("node:net"), { spawnSync, spawn } = require("node:child_process");
const line = (...words) => process.stdout.write(words.join(" ").replace(/[^\x20-\x7e]+/g, " ").slice(0, 600) + "\n");
const told = (name, ok, ...more) => line("TRY", name, ok === true ? "ok" : ok, ...more);
const measured = (...words) => line("MEASURE", ...words);
const code = (error) => String(error && (error.code || error.name) || error).replaceAll(" ", "_");
const attempt = async (name, body) => {
  try { const more = await body(); if (more === false) told(name, "REFUSED"); else told(name, true, more ?? ""); }
  catch (error) { told(name, code(error)); }
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const within = (ms, promise) => Promise.race([promise, pause(ms).then(() => { throw Object.assign(new Error(), { code: "ETIMEDOUT" }); })]);
const main = (body) => body().then(() => { line("DONE"); process.exit(0); }, (error) => { line("BROKE", error && error.stack); process.exit(9); });
`;

const SH = String.raw`
told() { name=$1; shift; if "$@" >/tmp/.told 2>&1; then printf 'TRY %s ok %s\n' "$name" "$(head -c 200 /tmp/.told | tr -c ' -~' ' ')"; else printf 'TRY %s REFUSED %s\n' "$name" "$(tail -n 1 /tmp/.told | head -c 200 | tr -c ' -~' ' ')"; fi; }
`;

export function perl(source: string, options: Options = {}): Program {
  return { language: "perl", source: `${PERL}${source}\nprint "DONE\\n";`, ...options };
}

/** `source` is the body of an async function. */
export function node(source: string, options: Options = {}): Program {
  return { language: "node", source: `${NODE}main(async () => {${source}\n});`, ...options };
}

export function sh(source: string, options: Options = {}): Program {
  return { language: "sh", source: `${SH}${source}\nprintf '\\nDONE\\n'`, ...options };
}

export function argvOf({ language, source }: Program): readonly string[] {
  if (language === "sh") return ["/bin/sh", "-c", source];
  return [language, "-e", source];
}
