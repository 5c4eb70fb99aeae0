/** Cuts what a socket delivers into the frames that ZooKeeper sent: four bytes of length, then as many bytes. */
export class Frames {
  #chunks: Buffer[] = [];
  #have = 0;
  /** How many bytes there must be before the next frame can be whole. */
  #need = 4;

  /** The frames, length included, that are whole with this chunk. */
  take(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    // Joined only once a frame is whole: a big one that comes in many chunks is copied once.
    if (this.#have < this.#need) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: Buffer[] = [];
    let at = 0;
    this.#need = 4;
    while (bytes.length - at >= 4) {
      const length = 4 + bytes.readInt32BE(at);
      if (bytes.length - at < length) {
        this.#need = length;
        break;
      }
      frames.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#have = bytes.length - at;
    return frames;
  }
}
