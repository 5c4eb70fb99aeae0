import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Clock } from "../../base/clock.ts";
import { type Fault, sentence, systemCode } from "../../base/fault.ts";
import { shortageIn } from "../../base/shortage.ts";
import { abortable } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import { faults } from "../faults.ts";

/** A Unix socket on which haproxy accepts commands. */
export interface CommandSocket {
  /** The name of its haproxy in the log. */
  readonly title: string;
  readonly path: string;
}

/** Why something could not be observed or done. It is no fault: haproxy may be restarting, or there is another way. */
export interface Failure {
  readonly reason: string;
  /** Nothing listens on the socket: there is no haproxy, or it restarts at this moment. */
  readonly isRefused?: true;
}

export type Answer = { readonly text: string } | Failure;

/** The time limit of an answer to a query, in milliseconds. */
export const answerMs = 1000;

/**
 * What connecting fails with while haproxy restarts: its socket stays in place. EAGAIN means that more connections wait than the
 * socket may hold, as with a haproxy that was stopped by a signal.
 */
const restartingCodes = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "EAGAIN"];

/**
 * Sends one command on a connection of its own: a connection that stays open stays with the old worker after a reload
 * and keeps it alive. Throws PROXY_NOT_RUNNING if the socket does not exist, PROXY_RESOURCES_EXHAUSTED for a lack of this
 * process, and PROXY_UNREACHABLE for any other error of the system, such as a missing permission.
 */
export async function sendCommand(
  { title, path }: CommandSocket,
  command: string,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  // The master socket of haproxy 2.6 never closes first: this closes the sending side, and still reads the answer.
  const socket = connect({ path, allowHalfOpen: true });
  try {
    socket.end(`${command}\n`);
    const answer = text(socket);
    return await withTimeout(
      limitMs,
      async (s) => ({ text: await abortable(answer, s) }),
      () => ({ reason: `${path} does not answer` }),
      clock,
      signal,
    );
  } catch (error) {
    const code = systemCode(error);
    if (signal.aborted || code === undefined) throw error;
    const reason = sentence(error);
    if (code === "ECONNREFUSED") return { reason, isRefused: true };
    if (restartingCodes.includes(code)) return { reason };
    if (code === "ENOENT") throw faults.PROXY_NOT_RUNNING({ title, reason, isKnown: false });
    const lack = shortageIn(error);
    if (lack !== undefined) throw faults.PROXY_RESOURCES_EXHAUSTED({ title, lack }, error);
    throw faults.PROXY_UNREACHABLE({ title, reason }, error);
  } finally {
    socket.destroy();
  }
}

/** The fault of a haproxy that has not answered: it is known not to run only if nothing listens on its socket. */
export function notAnswering(title: string, { reason, isRefused }: Failure): Fault {
  return faults.PROXY_NOT_RUNNING({ title, reason, isKnown: isRefused === true });
}
