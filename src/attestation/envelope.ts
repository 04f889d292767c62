import { z } from "zod";
import { decodeBase64, encodeBase64 } from "./base64.ts";

/** Of a DSSE envelope that holds an in-toto statement. */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** Signs with the operator's key. */
export type Signer = {
  /** SHA-256 of the public key (SPKI, DER): 64 hexadecimal digits. */
  readonly keyId: string;
  sign(message: Uint8Array): Uint8Array;
};

/** As DSSE writes it (https://github.com/secure-systems-lab/dsse). */
export type Envelope = {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

const envelope = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })).length(1),
});

/** What is signed: DSSE's pre-authentication encoding, so that a payload can't pass for one of another type. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  const head = encoder.encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const message = new Uint8Array(head.length + payload.length);
  message.set(head);
  message.set(payload, head.length);
  return message;
}

export function seal(payload: Uint8Array, signer: Signer): Envelope {
  const sig = signer.sign(preAuthEncoding(PAYLOAD_TYPE, payload));
  return {
    payloadType: PAYLOAD_TYPE,
    payload: encodeBase64(payload),
    signatures: [{ keyid: signer.keyId, sig: encodeBase64(sig) }],
  };
}

/** An envelope taken apart; nothing in it is checked yet. */
export type Opened = {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly keyId: string;
  readonly signature: Uint8Array;
};

/** Undefined when it is no envelope with exactly one signature. */
export function openEnvelope(json: unknown): Opened | undefined {
  const read = envelope.safeParse(json).data;
  const [first] = read?.signatures ?? [];
  if (read === undefined || first === undefined) return undefined;
  const payload = decodeBase64(read.payload);
  const signature = decodeBase64(first.sig);
  if (payload === undefined || signature === undefined) return undefined;
  return { payloadType: read.payloadType, payload, keyId: first.keyid, signature };
}
