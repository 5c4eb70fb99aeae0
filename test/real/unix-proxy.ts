import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { atEnd } from "../support/process.ts";

/** A proxy between a client and a unix socket. A test can cut its connections. */
export interface UnixProxy {
  readonly socket: string;
  /** Closes all connections and refuses new ones until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

export async function startUnixProxy(
  t: Pick<TestContext, "after">,
  socket: string,
  target: string,
): Promise<UnixProxy> {
  const open = new Set<Socket>();
  let server: Server | undefined;
  const keep = (one: Socket, other: Socket) => {
    open.add(one);
    one.on("error", () => {});
    one.on("close", () => {
      open.delete(one);
      other.destroy();
    });
    one.pipe(other);
  };
  const restore = async () => {
    server = createServer((client) => {
      const engine = connect(target);
      keep(client, engine);
      keep(engine, client);
    });
    server.listen(socket);
    await once(server, "listening");
  };
  const cut = async () => {
    const closing = server;
    if (!closing) return;
    server = undefined;
    const closed = once(closing, "close");
    closing.close();
    for (const one of open) one.destroy();
    await closed;
  };
  atEnd(t, cut);
  await restore();
  return { socket, cut, restore };
}
