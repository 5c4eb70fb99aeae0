import protobuf from "protobufjs/minimal.js";

/*
 * The two messages of the gRPC health checking protocol. They have one field each, so that the reader and the writer of
 * protobufjs are sufficient. Its reflection ignores the wire type of a field: it would decode a string in place of the
 * status as a status.
 */

const [varint, lengthDelimited] = [0, 2];
const serviceTag = (1 << 3) | lengthDelimited;
const statusTag = (1 << 3) | varint;

/** `HealthCheckRequest { string service = 1; }` */
export function encodeRequest(service: string): Uint8Array {
  const writer = protobuf.Writer.create();
  // An empty field is omitted.
  if (service !== "") writer.uint32(serviceTag).string(service);
  return writer.finish();
}

/**
 * The status in `HealthCheckResponse { ServingStatus status = 1; }`, 0 if it is omitted; undefined if the message
 * cannot be decoded.
 */
export function decodeResponse(message: Uint8Array): number | undefined {
  const reader = protobuf.Reader.create(message);
  let status = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === statusTag) status = reader.int32();
      else reader.skipType(tag & 7);
    }
  } catch {
    return undefined;
  }
  return status;
}
