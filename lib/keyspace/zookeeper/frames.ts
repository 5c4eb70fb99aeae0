/** Splits the stream of a socket into the frames of ZooKeeper: a length in four bytes, then as many bytes. */
export class Frames {
  #chunks: Buffer[] = [];
  #size = 0;
  /** The number of bytes at which the next frame may be complete. */
  #neededSize = 4;

  /** The frames, with their length, that are complete with this chunk. */
  take(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // Chunks are joined only when a frame is complete, so that a large one in many chunks is copied once.
    if (this.#size < this.#neededSize) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: Buffer[] = [];
    let at = 0;
    this.#neededSize = 4;
    while (bytes.length - at >= 4) {
      const length = 4 + bytes.readInt32BE(at);
      if (bytes.length - at < length) {
        this.#neededSize = length;
        break;
      }
      frames.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#size = bytes.length - at;
    return frames;
  }
}
