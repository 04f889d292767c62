import { GATEWAY, type Registry } from "./egress-registry.ts";

/** Text goes in piece by piece and comes out with the registries' addresses leading to the gateway. */
export type AddressRewriter = {
  push(text: string): string;
  /** What is left at the text's end. */
  end(): string;
};

const SLASHES = ["/", "\\/"];
/** What may follow an address, so that `https://a.test/npm` is not taken for the start of `https://a.test/npm2`. */
const BOUNDARY = String.raw`(?=[/"'<>\s\\?#])`;

/**
 * Rewrites addresses as JSON and HTML hold them, however the text is cut into pieces. Nothing else is touched: hashes,
 * signatures and addresses of other places stay as they are.
 */
export function createAddressRewriter(registries: readonly Registry[]): AddressRewriter {
  const targets = new Map(registries.flatMap(spellings));
  const longest = Math.max(0, ...[...targets.keys()].map((spelling) => spelling.length));
  const found = new RegExp(
    `(?:${[...targets.keys()]
      .toSorted((a, b) => b.length - a.length)
      .map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
      .join("|")})${BOUNDARY}`,
    "g",
  );
  let pending = "";

  /** Rewrites what starts before `until`: the rest may still become an address. */
  function take(until: number): string {
    let out = "";
    let done = 0;
    for (const match of targets.size === 0 ? [] : pending.matchAll(found)) {
      if (match.index >= until) break;
      out += pending.slice(done, match.index) + (targets.get(match[0]) ?? match[0]);
      done = match.index + match[0].length;
    }
    const end = Math.max(done, until);
    out += pending.slice(done, end);
    pending = pending.slice(end);
    return out;
  }

  return {
    push(text) {
      pending += text;
      return take(Math.max(0, pending.length - longest));
    },
    end: () => take(pending.length),
  };
}

/** An address as it is written and where it shall lead; old packages name their https registry with http. */
function spellings({ url, name }: Registry): readonly (readonly [string, string])[] {
  const address = url.replace(/\/$/, "");
  const plain = new URL(url).port === "" ? [address.replace(/^https:/, "http:")] : [];
  return [address, ...plain].flatMap((one) =>
    SLASHES.map(
      (slash) => [one.replaceAll("/", slash), `${GATEWAY}/${name}`.replaceAll("/", slash)] as const,
    ),
  );
}
