import { visibleText } from "../evidence/report/visible-text.ts";

/** A place that looks like a credential. The value itself is never given. `line` is 1-based. */
export type CredentialLike = { readonly kind: string; readonly line: number };

// Long tokens may be wrapped over lines (with indentation, a quote mark or a diff's sign) or URL-encoded.
const WRAP = String.raw`(?:[ \t>|+"'\\]{0,20}\r?\n[ \t>|+"'\\]{0,20})?`;
const PART = String.raw`(?:[A-Za-z0-9_.\-~]|%[0-9A-Fa-f]{2})`;
const long = (start: string, length: number) =>
  new RegExp(`${start}(?:${WRAP}${PART}){${length},4000}`, "g");

/** Shapes of credentials by what they are called; each is global. */
export const CREDENTIALS: readonly { readonly kind: string; readonly form: RegExp }[] = [
  { kind: "GitHub token", form: long("gh[pousr](?:_|%5[Ff])", 30) },
  { kind: "GitHub token", form: long("github(?:_|%5[Ff])pat(?:_|%5[Ff])", 22) },
  {
    kind: "private key",
    form: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)/g,
  },
  { kind: "JSON web token", form: long(String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ`, 20) },
  { kind: "model key", form: /\bsk-[A-Za-z0-9_-]{20,400}/g },
  { kind: "AWS access key", form: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: "Google API key", form: /\bAIza[0-9A-Za-z_-]{35}/g },
  { kind: "Slack token", form: /\bxox[abeoprs]-[0-9A-Za-z-]{10,400}/g },
  { kind: "npm token", form: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: "GitLab token", form: /\bglpat-[0-9A-Za-z_-]{20,400}/g },
];

/** Everything in a text that has the shape of a credential, hidden characters taken out first; stops a publication. */
export function findCredentialLike(text: string): readonly CredentialLike[] {
  const visible = visibleText(text);
  return CREDENTIALS.flatMap(({ kind, form }) =>
    [...visible.matchAll(form)].map((match) => ({ kind, line: lineOf(visible, match.index) })),
  );
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
