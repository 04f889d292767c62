/** Keeps the first and the last half of what it gets; what lies between is only counted. */
export type Capture = {
  add(data: Uint8Array): void;
  readonly droppedBytes: number;
  bytes(): Uint8Array;
};

export function createCapture(maxBytes: number): Capture {
  const headLimit = Math.ceil(maxBytes / 2);
  const tailLimit = maxBytes - headLimit;
  const head = growable(headLimit);
  /** Up to twice the tail, so that it is moved only once in a while. */
  const tail = growable(tailLimit * 2);
  let dropped = 0;

  function addTail(data: Uint8Array): void {
    const part = data.subarray(Math.max(0, data.length - tailLimit));
    dropped += data.length - part.length;
    if (tail.length() + part.length > tailLimit * 2) {
      const before = tail.length();
      tail.keepLast(tailLimit - part.length);
      dropped += before - tail.length();
    }
    tail.append(part);
  }

  const excess = () => Math.max(0, tail.length() - tailLimit);
  return {
    add(data) {
      const first = data.subarray(0, headLimit - head.length());
      head.append(first);
      addTail(data.subarray(first.length));
    },
    get droppedBytes() {
      return dropped + excess();
    },
    bytes() {
      const last = tail.bytes().subarray(excess());
      const all = new Uint8Array(head.length() + last.length);
      all.set(head.bytes());
      all.set(last, head.length());
      return all;
    },
  };
}

/** A byte array that doubles up to `limit`: most outputs are small and most limits aren't. */
function growable(limit: number) {
  let buffer = new Uint8Array(Math.min(limit, 1024));
  let length = 0;
  return {
    length: () => length,
    bytes: () => buffer.subarray(0, length),
    /** In place: what is dropped along a long output would add up to as much again. */
    keepLast(bytes: number): void {
      const kept = Math.min(bytes, length);
      buffer.copyWithin(0, length - kept, length);
      length = kept;
    },
    append(data: Uint8Array): void {
      if (length + data.length > buffer.length) {
        const larger = new Uint8Array(Math.min(limit, (length + data.length) * 2));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(data, length);
      length += data.length;
    },
  };
}
