import { readdir, readFile } from "node:fs/promises";

/** One line of a Debian package source list, in parts. */
export type AptSource = {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Absolute path of a key ring; empty when apt's own trusted keys are used. */
  readonly signedBy: string;
};

/**
 * The binary package sources in the text of a `.list` or a deb822 `.sources` file. Disabled entries, `deb-src` and
 * inline keys are left out.
 */
export function parseAptSources(text: string): readonly AptSource[] {
  return /^\s*Types\s*:/im.test(text) ? parseDeb822(text) : parseOneLine(text);
}

/** The sources that make up the named release: itself, its updates and its security fixes. */
export function releaseSources(
  sources: readonly AptSource[],
  release: string,
): readonly AptSource[] {
  const suites = [release, `${release}-updates`, `${release}-security`];
  return sources.filter((source) => suites.includes(source.suite));
}

export type HostRelease = {
  /** As in os-release: `debian`, `ubuntu`, … */
  readonly distribution: string;
  /** The release's code name. */
  readonly release: string;
  /** Where the host gets the release's packages from; empty on other systems. */
  readonly sources: readonly AptSource[];
};

/** What this machine runs and where it is configured to get its packages from. */
export async function readHostRelease(): Promise<HostRelease> {
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) =>
    new RegExp(`^${name}="?([^"\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const release = field("VERSION_CODENAME");
  const files = await readdir("/etc/apt/sources.list.d").catch(() => []);
  const paths = files.map((file) => `/etc/apt/sources.list.d/${file}`);
  const texts = await Promise.all(
    ["/etc/apt/sources.list", ...paths].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const sources = releaseSources(texts.flatMap(parseAptSources), release);
  return { distribution: field("ID"), release, sources };
}

/** In the one-line format that apt and mmdebstrap read. */
export function formatAptSource(source: AptSource): string {
  const options = source.signedBy === "" ? "" : `[signed-by=${source.signedBy}] `;
  return `deb ${options}${source.uri} ${source.suite} ${source.components.join(" ")}`;
}

function parseOneLine(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) continue;
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const signedBy = /signed-by=(\/[^\s,]*)/.exec(options)?.[1] ?? "";
    sources.push({ uri, suite, components: words(components), signedBy });
  }
  return sources;
}

function parseDeb822(text: string): AptSource[] {
  return text.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = deb822Fields(stanza);
    if (/^(no|false|off|0)$/i.test(fields.get("enabled") ?? "")) return [];
    if (!words(fields.get("types") ?? "").includes("deb")) return [];
    const components = words(fields.get("components") ?? "");
    const signedBy = /^\/\S+/.exec(fields.get("signed-by") ?? "")?.[0] ?? "";
    return words(fields.get("uris") ?? "").flatMap((uri) =>
      words(fields.get("suites") ?? "").map((suite) => ({ uri, suite, components, signedBy })),
    );
  });
}

function deb822Fields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const field = /^([A-Za-z-]+)\s*:(.*)$/.exec(line);
    if (field?.[1] !== undefined) name = field[1].toLowerCase();
    const value = field?.[2] ?? line;
    fields.set(name, `${fields.get(name) ?? ""} ${value}`.trim());
  }
  return fields;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
