/** How far a sender may run ahead of its receiver, per stream and direction. */
export const WINDOW_BYTES = 256 * 1024;

/** Credit goes back in portions of this size, so that small chunks don't cost a frame each. */
const CREDIT_PORTION_BYTES = WINDOW_BYTES / 8;

export type SendWindow = {
  /** What may be sent now. */
  available(): number;
  spend(bytes: number): void;
  /** Throws when the receiver gives back more than it got. */
  grant(bytes: number): void;
};

export function createSendWindow(): SendWindow {
  let credit = WINDOW_BYTES;
  return {
    available: () => credit,
    spend(bytes) {
      if (bytes > credit) throw new RangeError(`${bytes} bytes are above the credit of ${credit}.`);
      credit -= bytes;
    },
    grant(bytes) {
      if (credit + bytes > WINDOW_BYTES) throw new Error(`A credit of ${bytes} bytes is too much.`);
      credit += bytes;
    },
  };
}

export type ReceiveWindow = {
  /** Throws when the sender had no credit for it. */
  receive(bytes: number): void;
  /** Returns the credit to send back now; 0 while it isn't worth a frame. */
  consume(bytes: number): number;
};

export function createReceiveWindow(): ReceiveWindow {
  let open = WINDOW_BYTES;
  let owed = 0;
  return {
    receive(bytes) {
      if (bytes > open) throw new Error(`${bytes} bytes came with a credit of ${open}.`);
      open -= bytes;
    },
    consume(bytes) {
      owed += bytes;
      if (owed < CREDIT_PORTION_BYTES) return 0;
      const credit = owed;
      open += credit;
      owed = 0;
      return credit;
    },
  };
}

export function encodeCredit(bytes: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, bytes);
  return payload;
}

/** Throws unless `payload` is what `encodeCredit` makes. */
export function decodeCredit(payload: Uint8Array): number {
  if (payload.length !== 4) throw new Error(`A credit has ${payload.length} bytes instead of 4.`);
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}
