const MAX_SLUG = 40;

/**
 * `dunlin/<issue>-<slug>-<short id>`, the same for the same run: ASCII letters, digits and dashes only, so a valid ref
 * on every system. `issueNumber` is null for a local run.
 */
export function branchName(issueNumber: number | null, title: string, runId: string): string {
  const parts = [issueNumber === null ? "" : String(issueNumber), slug(title), shortId(runId)];
  return `dunlin/${parts.filter((part) => part !== "").join("-")}`;
}

function slug(title: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  let name = "";
  for (const word of words) {
    const longer = name === "" ? word : `${name}-${word}`;
    if (longer.length > MAX_SLUG) break;
    name = longer;
  }
  return name === "" ? (words[0] ?? "change").slice(0, MAX_SLUG) : name;
}

/** Eight hexadecimal digits (FNV-1a) that tell the runs of one issue apart. */
function shortId(runId: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(runId)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
