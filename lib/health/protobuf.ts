/** The two messages of the standard health protocol of gRPC, in protobuf's wire format: each has one field. */

/** How a field's value is written, by the last three bits of its tag. */
const [varint, fixed64, lengthDelimited, fixed32] = [0, 1, 2, 5];

/** `HealthCheckRequest { string service = 1; }` */
export function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  // What is empty is left out.
  if (text.length === 0) return text;
  return Buffer.concat([Buffer.from([(1 << 3) | lengthDelimited, ...encoded(text.length)]), text]);
}

/**
 * The number in `HealthCheckResponse { ServingStatus status = 1; }`, which is 0 where it is left out; undefined
 * for what is no such message.
 */
export function decodeResponse(message: Buffer): number | undefined {
  const reader = new Reader(message);
  let status = 0;
  while (!reader.atEnd) {
    const tag = reader.varint();
    if (tag === ((1 << 3) | varint)) status = reader.varint();
    else reader.skip(tag & 7);
  }
  return reader.isBroken ? undefined : status;
}

/** A number as a varint: seven bits a byte, the lowest ones first. */
function encoded(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encoded(value >>> 7)];
}

/** Reads fields one after the other; what makes no sense breaks it, and it is at its end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  isBroken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.isBroken || this.#at >= this.#bytes.length;
  }

  varint(): number {
    // Ten bytes are the longest; as a number, what is beyond 2^53 is not exact, and nobody asks for it.
    let value = 0;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }

  /** Leaves out a field that is written in this way. */
  skip(wireType: number): void {
    // First: it moves on by itself.
    const length = this.#length(wireType);
    this.#at += length;
    this.isBroken ||= this.#at > this.#bytes.length;
  }

  /** How many bytes are left of a field once what says so has been read. */
  #length(wireType: number): number {
    if (wireType === fixed64) return 8;
    if (wireType === fixed32) return 4;
    if (wireType === lengthDelimited) return this.varint();
    if (wireType === varint) this.varint();
    else this.isBroken = true;
    return 0;
  }
}
