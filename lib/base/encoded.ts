/** A shorter text is encoded into memory of its own: Node.js has that at hand. */
const shortest = 64 * 1024;

/** The memory that the last long text was encoded into, unless it is in use. */
let spare: Buffer | undefined;

/**
 * Calls `work` with a text in UTF-8. The bytes are only valid until `work` ends: those of long texts take the same memory again and
 * again, for the system takes several times as long to provide new memory as encoding takes.
 */
export async function withEncoded<T>(
  text: string,
  work: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const size = Buffer.byteLength(text);
  if (size < shortest) return await work(Buffer.from(text));
  const memory = spare && spare.length >= size ? spare : Buffer.allocUnsafeSlow(roomFor(size));
  spare = undefined;
  try {
    return await work(memory.subarray(0, memory.write(text)));
  } finally {
    spare = memory;
  }
}

/** Some more, so that a text may grow. */
function roomFor(size: number): number {
  return size + (size >> 4);
}
