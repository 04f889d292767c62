/** What kind of network an address belongs to; only `public` may be dialled for a sandbox without an exemption. */
export type AddressKind = "public" | "private" | "link-local" | "invalid";

/** `link-local` holds the cloud providers' metadata addresses too, wherever they lie; no exemption reaches those. */
export function addressKind(address: string): AddressKind {
  const bytes = parseAddress(address);
  if (bytes === undefined) return "invalid";
  const inner = innerIpv4(bytes);
  if (inner !== undefined) return kindIn(inner, IPV4_RANGES);
  return kindIn(bytes, bytes.length === 4 ? IPV4_RANGES : IPV6_RANGES);
}

type Range = {
  readonly prefix: readonly number[];
  readonly bits: number;
  readonly kind: AddressKind;
};

// Documentation ranges (203.0.113.0/24 and so on) are not here: private test networks use them as public ones.
const IPV4_RANGES: readonly Range[] = [
  range("169.254.0.0", 16, "link-local"),
  range("100.100.100.200", 32, "link-local"),
  range("168.63.129.16", 32, "link-local"),
  range("192.0.0.192", 32, "link-local"),
  range("0.0.0.0", 8, "private"),
  range("10.0.0.0", 8, "private"),
  range("100.64.0.0", 10, "private"),
  range("127.0.0.0", 8, "private"),
  range("172.16.0.0", 12, "private"),
  range("192.0.0.0", 24, "private"),
  range("192.168.0.0", 16, "private"),
  range("198.18.0.0", 15, "private"),
  range("224.0.0.0", 3, "private"),
];

const IPV6_RANGES: readonly Range[] = [
  range("fd00:ec2::", 32, "link-local"),
  range("fe80::", 10, "link-local"),
  range("2001::", 32, "private"), // Teredo
  range("2000::", 3, "public"),
  range("::", 0, "private"),
];

// Forms that carry an IPv4 address in their last or middle bytes: mapped, compatible, NAT64, 6to4.
const EMBEDDED: readonly (Omit<Range, "kind"> & { readonly at: number })[] = [
  { ...range("::ffff:0:0", 96, "public"), at: 12 },
  { ...range("::ffff:0:0:0", 96, "public"), at: 12 },
  { ...range("64:ff9b::", 96, "public"), at: 12 },
  { ...range("2002::", 16, "public"), at: 2 },
];

function range(text: string, bits: number, kind: AddressKind): Range {
  return { prefix: parseAddress(text) ?? [], bits, kind };
}

function kindIn(bytes: readonly number[], ranges: readonly Range[]): AddressKind {
  return ranges.find((candidate) => isWithin(bytes, candidate))?.kind ?? "public";
}

function innerIpv4(bytes: readonly number[]): readonly number[] | undefined {
  const form = EMBEDDED.find((candidate) => isWithin(bytes, candidate));
  return form === undefined ? undefined : bytes.slice(form.at, form.at + 4);
}

function isWithin(bytes: readonly number[], { prefix, bits }: Omit<Range, "kind">): boolean {
  if (bytes.length !== prefix.length) return false;
  return bytes.every((byte, index) => {
    const used = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - used)) & 0xff;
    return (byte & mask) === ((prefix[index] ?? 0) & mask);
  });
}

/** 4 or 16 bytes; undefined for anything but the plain notations (no octal, no hexadecimal, no zone). */
function parseAddress(text: string): readonly number[] | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const dotted = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text);
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const last = parseIpv4(dotted[2]);
    if (last === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = last;
    return parseIpv6(`${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const gap = 8 - left.length - right.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...left, ...Array<string>(gap).fill("0"), ...right];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
