/** What the first bytes of a connection say: the TLS server name (null without one), no TLS, or not enough yet. */
export type Greeting =
  | { readonly kind: "tls"; readonly serverName: string | null }
  | { readonly kind: "other" }
  | { readonly kind: "incomplete" };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME_EXTENSION = 0;
const MAX_GREETING_BYTES = 64 * 1024;

/** Reads a TLS ClientHello, over as many records as it takes. One that is malformed or endless names no server. */
export function readGreeting(bytes: Uint8Array): Greeting {
  if (bytes.length === 0) return { kind: "incomplete" };
  if (bytes[0] !== HANDSHAKE_RECORD) return { kind: "other" };
  if (bytes.length > MAX_GREETING_BYTES) return { kind: "tls", serverName: null };
  try {
    const hello = joinRecords(bytes);
    return hello === undefined
      ? { kind: "incomplete" }
      : { kind: "tls", serverName: findServerName(hello) };
  } catch (error) {
    if (error instanceof RangeError) return { kind: "tls", serverName: null };
    throw error;
  }
}

/** The body of the ClientHello; undefined while it is incomplete. */
function joinRecords(bytes: Uint8Array): DataView | undefined {
  const body = new Uint8Array(bytes.length);
  let length = 0;
  let at = 0;
  while (at + 5 <= bytes.length) {
    if (bytes[at] !== HANDSHAKE_RECORD) throw new RangeError("No handshake record.");
    const record = bytes.subarray(at + 5, at + 5 + uint16(bytes, at + 3));
    body.set(record, length);
    length += record.length;
    at += 5 + uint16(bytes, at + 3);
    if (length >= 1 && body[0] !== CLIENT_HELLO) throw new RangeError("No ClientHello.");
    const wanted =
      length < 4 ? Number.POSITIVE_INFINITY : 4 + uint16(body, 2) + (body[1] ?? 0) * 65_536;
    if (length >= wanted) return new DataView(body.buffer, 4, wanted - 4);
  }
  return undefined;
}

function findServerName(hello: DataView): string | null {
  let at = 34; // version and random
  at += 1 + hello.getUint8(at); // session
  at += 2 + hello.getUint16(at); // cipher suites
  at += 1 + hello.getUint8(at); // compression
  if (at === hello.byteLength) return null;
  const end = at + 2 + hello.getUint16(at);
  at += 2;
  while (at + 4 <= end) {
    const type = hello.getUint16(at);
    const length = hello.getUint16(at + 2);
    if (type === SERVER_NAME_EXTENSION) return readName(hello, at + 4);
    at += 4 + length;
  }
  return null;
}

/** The first entry of a server name list: `u16 list, u8 type, u16 length, name`. */
function readName(hello: DataView, at: number): string {
  const length = hello.getUint16(at + 3);
  const start = hello.byteOffset + at + 5;
  if (at + 5 + length > hello.byteLength) throw new RangeError("The server name is cut off.");
  return new TextDecoder("latin1").decode(new Uint8Array(hello.buffer, start, length));
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
