import type { Socket } from "node:net";
import { abortable } from "../base/signal.ts";
import { ByteReader } from "./byte-reader.ts";

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
  signal: AbortSignal,
): Promise<readonly string[]> {
  socket.write(request, "latin1");
  const reader = new ByteReader(socket);
  const read = async () => {
    const lines: string[] = [];
    while (lines.length < count) {
      const tooLong = () => new InvalidAnswer(`a line has more than ${maxLineBytes} bytes`);
      const line = await reader.line(maxLineBytes, tooLong);
      if (line === undefined)
        throw new InvalidAnswer("the connection was closed without an answer");
      lines.push(line.replace(/\r$/, ""));
    }
    return lines;
  };
  return await abortable(read(), signal);
}

/** Sends a request and reads the answer until the server closes the connection, or it has `maxBytes`. */
export async function askForBytes(
  socket: Socket,
  request: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  socket.write(request, "latin1");
  const reader = new ByteReader(socket);
  const read = async () => {
    let text = "";
    while (text.length < maxBytes) {
      const bytes = await reader.take(maxBytes - text.length);
      if (!bytes) break;
      text += bytes.toString("latin1");
    }
    return text;
  };
  return await abortable(read(), signal);
}
