import { connect } from "node:net";
import { Fault, systemCode } from "../base/fault.ts";
import { abortable } from "../base/signal.ts";
import { faults } from "./faults.ts";

/** Gets the JSON of a path, such as `/status`, from the agent at a socket. Throws CONTROL_NO_AGENT, CONTROL_PERMISSION_DENIED, CONTROL_NOT_SUPPORTED, or CONTROL_CONNECTION_CLOSED. */
export async function getJson<T>(socket: string, path: string, signal: AbortSignal): Promise<T> {
  return JSON.parse(await send(socket, `GET ${path}`, "", signal)) as T;
}

/**
 * Posts a request to a path, such as `/drain`, of the agent at a socket. Resolves with the answer, once there is one. Throws the
 * fault that the agent answers with, CONTROL_NO_AGENT, CONTROL_NOT_SUPPORTED, or CONTROL_CONNECTION_CLOSED.
 */
export async function postJson<T>(
  socket: string,
  path: string,
  request: object,
  signal: AbortSignal,
): Promise<T> {
  return JSON.parse(await send(socket, `POST ${path}`, JSON.stringify(request), signal)) as T;
}

/**
 * Sends a request and resolves with the body of the answer. Without node:http, which takes as long to load as all the
 * rest of `sidekick status`: the server is our own, and speaks HTTP/1.0.
 */
async function send(
  path: string,
  head: string,
  body: string,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const socket = connect({ path });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.once("end", resolve);
  });
  const length = Buffer.byteLength(body);
  socket.write(`${head} HTTP/1.0\r\nContent-Length: ${length}\r\n\r\n${body}`);
  try {
    await abortable(ended, signal);
  } catch (error) {
    if (signal.aborted || systemCode(error) === undefined) throw error;
    const code = systemCode(error) ?? "";
    if (code === "EACCES" || code === "EPERM") throw faults.CONTROL_PERMISSION_DENIED({ path });
    const wasConnected = ["EPIPE", "ECONNRESET"].includes(code);
    throw wasConnected
      ? faults.CONTROL_CONNECTION_CLOSED({ path }, error)
      : faults.CONTROL_NO_AGENT({ where: path }, error);
  } finally {
    socket.destroy();
  }
  return bodyOf(Buffer.concat(chunks), path, head);
}

/**
 * Throws the fault of an answer, CONTROL_CONNECTION_CLOSED where the answer is incomplete, and CONTROL_NOT_SUPPORTED where the agent
 * does not have the path of the request: a package may be upgraded while its agent runs.
 */
function bodyOf(answer: Buffer, path: string, request: string): string {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.subarray(0, Math.max(0, end)).toString("latin1");
  const body = answer.subarray(end + 4);
  const [, status] = /^HTTP\/1\.[01] (\d{3}) /.exec(head) ?? [];
  const [, length] = /^content-length: *(\d+)\r?$/im.exec(head) ?? [];
  if (status === undefined || body.length !== Number(length))
    throw faults.CONTROL_CONNECTION_CLOSED({ path });
  const text = body.toString();
  if (status === "200") return text;
  if (status === "404" || status === "405") throw faults.CONTROL_NOT_SUPPORTED({ path, request });
  const { code, retry, message } = JSON.parse(text) as Pick<Fault, "code" | "retry" | "message">;
  throw new Fault(code, retry, message);
}
