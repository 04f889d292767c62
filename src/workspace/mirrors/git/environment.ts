import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What git may take over from the process: where programs, certificates and proxies are. */
const PASSED_ON = [
  "PATH",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
];

/** The environment of every git process on the host; nothing of the user's own git settings is in it. */
export type GitEnvironment = Readonly<Record<string, string>>;

/**
 * Git's own settings. Set by a file and not by `-c`, because a repository's settings can't take these back, and
 * because simple-git refuses some of them as arguments.
 */
function hardenedConfig(localRepositories: boolean): string {
  return `[core]
	hooksPath = /dev/null
	fsmonitor = false
	protectHFS = true
	protectNTFS = true
	attributesFile = /dev/null
	excludesFile = /dev/null
	pager = cat
	sshCommand = false
	askPass =
	fsync = committed,loose-object
	bigFileThreshold = 64m
[transfer]
	fsckObjects = true
	bundleURI = false
[fetch]
	recurseSubmodules = false
	unpackLimit = 1
[fetch "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[push]
	recurseSubmodules = no
	followTags = false
	gpgSign = false
[submodule]
	recurse = false
[diff]
	ignoreSubmodules = all
[protocol]
	allow = never
[protocol "http"]
	allow = always
[protocol "https"]
	allow = always
[protocol "file"]
	allow = ${localRepositories ? "always" : "never"}
[safe]
	bareRepository = explicit
	directory = *
[gc]
	auto = 0
[maintenance]
	auto = false
[credential]
	helper =
[http]
	followRedirects = false
	lowSpeedLimit = 1000
	lowSpeedTime = 60
[pack]
	windowMemory = 128m
`;
}

/** Writes the settings file and the empty home below `folder` and gives the environment that uses them. */
export async function prepareEnvironment(
  folder: string,
  hostEnv: Readonly<Record<string, string | undefined>>,
  localRepositories: boolean,
): Promise<GitEnvironment> {
  const home = join(folder, "home");
  await mkdir(home, { recursive: true, mode: 0o700 });
  const name = localRepositories ? "gitconfig-local" : "gitconfig";
  const config = join(folder, name);
  const fresh = `${config}.${crypto.randomUUID()}`;
  await writeFile(fresh, hardenedConfig(localRepositories), { mode: 0o600 });
  await rename(fresh, config);
  const passed = PASSED_ON.flatMap((key) => {
    const value = hostEnv[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: config,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_ALLOW_PROTOCOL: localRepositories ? "file:http:https" : "http:https",
    // One object that unpacks to more than this ends the process instead of the machine's memory.
    GIT_ALLOC_LIMIT: "1g",
  };
}

/** Hands a header to git by its environment, which other users of the machine can't read. */
export function authorizationEnv(authorization: string | undefined): GitEnvironment {
  if (authorization === undefined) return {};
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
}
