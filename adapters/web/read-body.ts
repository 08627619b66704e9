// Reads a body up to its cap and not a byte further, however long it claims to be, however slowly it comes, and whatever it
// unpacks to: what is counted is what arrives here.

/** A body, or its beginning. */
export interface Body {
  readonly bytes: Uint8Array;
  /** There was more. */
  readonly cut: boolean;
}

/** Reads until the end, the cap, or the abort, which throws. */
export const readBody = async (
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Body> => {
  if (stream === null) return { bytes: new Uint8Array(), cut: false };
  const reader = stream.getReader();
  // A read that never comes back listens to nothing but this.
  const stop = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  try {
    while (size <= maxBytes) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) {
        ended = true;
        break;
      }
      chunks.push(value);
      size += value.byteLength;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
  return { bytes: joined(chunks, Math.min(size, maxBytes)), cut: !ended };
};

const joined = (chunks: readonly Uint8Array[], size: number): Uint8Array => {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, size - at);
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
};
