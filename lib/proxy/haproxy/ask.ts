import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Clock } from "../../base/clock.ts";
import { sentence, systemCode } from "../../base/fault.ts";
import { abortable, race } from "../../base/signal.ts";
import { faults } from "../faults.ts";

/** One of the unix sockets where haproxy takes commands. */
export interface Socket {
  /** Whose it is, for people. */
  readonly title: string;
  readonly path: string;
}

/** What the socket said, or why nobody answered. That nobody does is a finding: haproxy may be restarting. */
export type Answer = { readonly text: string } | { readonly why: string };

/** What a haproxy that is restarting answers: its socket stays where it is. */
const nobodyThere = ["ECONNREFUSED", "ECONNRESET", "EPIPE"];

/**
 * Sends one command on a connection of its own: one that stays open stays with the old worker after a
 * reload, and keeps it alive. Throws PROXY_NOT_RUNNING where there is no socket, and PROXY_UNREACHABLE
 * where it is not for us.
 */
export async function ask(
  { title, path }: Socket,
  command: string,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  // The master socket of 2.6 never closes first: we close our side, and still read the answer.
  const socket = connect({ path, allowHalfOpen: true });
  try {
    socket.end(`${command}\n`);
    const answer = text(socket);
    return await race<Answer>(
      signal,
      async (s) => ({ text: await abortable(answer, s) }),
      (s) => clock.sleep(limitMs, s).then(() => ({ why: `${path} does not answer` })),
    );
  } catch (error) {
    const code = systemCode(error);
    if (signal.aborted || code === undefined) throw error;
    if (nobodyThere.includes(code)) return { why: sentence(error) };
    if (code === "ENOENT") throw faults.PROXY_NOT_RUNNING({ title, why: sentence(error) });
    throw faults.PROXY_UNREACHABLE({ title, why: sentence(error) }, error);
  } finally {
    socket.destroy();
  }
}
