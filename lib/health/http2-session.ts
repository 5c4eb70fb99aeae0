import { type ClientHttp2Session, connect } from "node:http2";
import type { Socket } from "node:net";
import type { Hold } from "./tripwire.ts";

/**
 * Runs `work` with a session of HTTP/2 on an open connection, which is closed after that, unless `work` has called `keep`:
 * then `hold` has taken it over. `keep` is undefined without `hold`.
 */
export async function withSession<T>(
  origin: string,
  socket: Socket,
  hold: Hold | undefined,
  work: (session: ClientHttp2Session, keep: (() => void) | undefined) => Promise<T>,
): Promise<T> {
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  let isKept = false;
  const keep =
    hold &&
    (() => {
      // A server may have announced that it ends the session.
      if (session.closed) return;
      isKept = true;
      hold(session);
    });
  try {
    return await work(session, keep);
  } finally {
    if (!isKept) session.destroy();
  }
}
