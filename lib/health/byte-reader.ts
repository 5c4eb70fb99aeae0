import type { Socket } from "node:net";

const empty: Buffer = Buffer.alloc(0);

/**
 * A reading in progress: it yields whenever it needs more bytes, and is resumed with a chunk of them, or with undefined
 * at their end. Not a promise for each step, which would cost more than the step.
 */
export type Parsing<T> = Generator<void, T, Buffer | undefined>;

/** Reads lines and numbers of bytes from chunks as they arrive. */
export class ByteReader {
  #buffered: Buffer = empty;

  /**
   * The next line without its line feed, in Latin-1; undefined if the chunks end before a line feed. Throws the error of
   * `onTooLong` for a line of more than `maxBytes`. Bytes after the last line feed are dropped.
   */
  *line(maxBytes: number, onTooLong: () => Error): Parsing<string | undefined> {
    for (let searched = 0; ; ) {
      const end = this.#buffered.indexOf(0x0a, searched);
      if ((end < 0 ? this.#buffered.length : end) > maxBytes) throw onTooLong();
      if (end >= 0) {
        const line = this.#buffered.toString("latin1", 0, end);
        this.#buffered = this.#buffered.subarray(end + 1);
        return line;
      }
      searched = this.#buffered.length;
      if (!(yield* this.#readMore())) break;
    }
    this.#buffered = empty;
    return undefined;
  }

  /** At least one byte and at most `maxBytes`; undefined at the end. */
  *take(maxBytes: number): Parsing<Buffer | undefined> {
    if (this.#buffered.length === 0 && !(yield* this.#readMore())) return undefined;
    const taken = this.#buffered.subarray(0, maxBytes);
    this.#buffered = this.#buffered.subarray(taken.length);
    return taken;
  }

  *#readMore(): Parsing<boolean> {
    const chunk = yield;
    if (chunk === undefined) return false;
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    return true;
  }
}

/** The connection was closed on this side. */
class ConnectionClosed extends Error {
  readonly code = "CONNECTION_CLOSED";
}

/**
 * Parses what arrives at a socket. Resolves with the result as soon as the parsing is complete; rejects with its error, or
 * with that of the socket. The socket is left to the caller.
 */
export function parsed<T>(socket: Socket, parse: (reader: ByteReader) => Parsing<T>): Promise<T> {
  const parsing = parse(new ByteReader());
  return new Promise((resolve, reject) => {
    let isOver = false;
    const resume = (chunk: Buffer | undefined) => {
      try {
        const { done, value } = parsing.next(chunk);
        if (done) end(() => resolve(value));
      } catch (error) {
        end(() => reject(error));
      }
    };
    // Each read after the end finds it again: that of the headers, and then that of the body.
    const atEnd = () => {
      while (!isOver) resume(undefined);
    };
    const atClose = () => reject(new ConnectionClosed("the connection was closed"));
    const end = (settle: () => void) => {
      isOver = true;
      socket.off("data", resume).off("end", atEnd).off("close", atClose);
      settle();
    };
    socket.on("data", resume).on("end", atEnd).on("close", atClose).on("error", reject);
    // Only a generator that has been started receives a chunk.
    resume(undefined);
  });
}
