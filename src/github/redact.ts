// A token may be cut by line ends or percent-encoded; a line that is nothing but token characters belongs to it.
const WRAPPED = String.raw`(?:\r?\n[ \t]*[\w.%=-]+[ \t]*(?=\r?\n|$))*`;
const SECRETS = [
  new RegExp(
    String.raw`\b(?:gh[opsur]|github_pat)(?:_|%5f)(?:[\w.-]|%[0-9a-f]{2}){10,}${WRAPPED}`,
    "gi",
  ),
  new RegExp(String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}${WRAPPED}`, "g"),
  // "x-access-token:" in base64, as git sends it.
  /eC1hY2Nlc3MtdG9rZW46[\w+/=-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** Replaces what looks like one of GitHub's tokens or a private key. */
export function redact(text: string): string {
  return SECRETS.reduce((kept, secret) => kept.replace(secret, "[redacted]"), text);
}
