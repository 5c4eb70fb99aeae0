import type { Socket } from "node:net";
import { type ByteReader, type Parsing, parsed } from "./byte-reader.ts";

/** The longest line of an answer, in bytes. */
const maxLineBytes = 1024;

/** The answer is none of the protocol. */
class InvalidAnswer extends Error {
  override readonly name = "InvalidAnswer";
  readonly code = "INVALID_ANSWER";
}

/** Sends a request and reads so many lines of the answer, without CR and LF; the last one may lack them. */
export async function askForLines(
  socket: Socket,
  request: string,
  count: number,
): Promise<readonly string[]> {
  socket.write(request, "latin1");
  const read = function* (reader: ByteReader): Parsing<readonly string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      const tooLong = () => new InvalidAnswer(`a line has more than ${maxLineBytes} bytes`);
      const line = yield* reader.line(maxLineBytes, tooLong);
      if (line === undefined)
        throw new InvalidAnswer("the connection was closed without an answer");
      lines.push(line.replace(/\r$/, ""));
    }
    return lines;
  };
  return await parsed(socket, read);
}

/** Sends a request and reads the answer until the server closes the connection, or it has `maxBytes`. */
export async function askForBytes(
  socket: Socket,
  request: string,
  maxBytes: number,
): Promise<string> {
  socket.write(request, "latin1");
  const read = function* (reader: ByteReader): Parsing<string> {
    let text = "";
    while (text.length < maxBytes) {
      const bytes = yield* reader.take(maxBytes - text.length);
      if (!bytes) break;
      text += bytes.toString("latin1");
    }
    return text;
  };
  return await parsed(socket, read);
}
