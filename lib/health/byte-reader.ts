const empty: Buffer = Buffer.alloc(0);

/** Reads lines and numbers of bytes from chunks as they arrive. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffered: Buffer = empty;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * The next line without its line feed, in Latin-1; undefined if the chunks end before a line feed. Throws the error of
   * `onTooLong` for a line of more than `maxBytes`. Bytes after the last line feed are dropped.
   */
  async line(maxBytes: number, onTooLong: () => Error): Promise<string | undefined> {
    for (let searched = 0; ; ) {
      const end = this.#buffered.indexOf(0x0a, searched);
      if ((end < 0 ? this.#buffered.length : end) > maxBytes) throw onTooLong();
      if (end >= 0) {
        const line = this.#buffered.toString("latin1", 0, end);
        this.#buffered = this.#buffered.subarray(end + 1);
        return line;
      }
      searched = this.#buffered.length;
      if (!(await this.#readMore())) break;
    }
    this.#buffered = empty;
    return undefined;
  }

  /** At least one byte and at most `maxBytes`; undefined at the end. */
  async take(maxBytes: number): Promise<Buffer | undefined> {
    if (this.#buffered.length === 0 && !(await this.#readMore())) return undefined;
    const taken = this.#buffered.subarray(0, maxBytes);
    this.#buffered = this.#buffered.subarray(taken.length);
    return taken;
  }

  async #readMore(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#buffered = this.#buffered.length === 0 ? value : Buffer.concat([this.#buffered, value]);
    return true;
  }
}
