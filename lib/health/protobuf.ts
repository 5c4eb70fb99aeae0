import protobuf from "protobufjs/minimal.js";

/*
 * The two messages of gRPC's standard health protocol: one field each, so that the reader and the writer of protobufjs
 * do, without its reflection. That one also goes by the number of a field alone: it would read a text in the place of
 * the status as a status.
 */

const [varint, lengthDelimited] = [0, 2];
const serviceTag = (1 << 3) | lengthDelimited;
const statusTag = (1 << 3) | varint;

/** `HealthCheckRequest { string service = 1; }` */
export function encodeRequest(service: string): Uint8Array {
  const writer = protobuf.Writer.create();
  // A field that is empty is left out.
  if (service !== "") writer.uint32(serviceTag).string(service);
  return writer.finish();
}

/**
 * The number in `HealthCheckResponse { ServingStatus status = 1; }`, which is 0 where it is left out; undefined
 * if the message cannot be decoded.
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
