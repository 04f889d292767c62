/**
 * Cuts output into the records that NUL ends, whatever the chunks are. Feed it chunk by chunk; what has no NUL yet is
 * kept for the next one.
 */
export function createRecordReader(
  onRecord: (record: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  let rest: Uint8Array[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      const tail = chunk.subarray(start, end);
      onRecord(rest.length === 0 ? tail : joinBytes([...rest, tail]));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.slice(start));
  };
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
