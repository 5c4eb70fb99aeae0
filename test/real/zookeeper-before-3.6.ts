import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { Frames } from "../../lib/keyspace/zookeeper/frames.ts";
import { atEnd } from "../support/process.ts";
import type { Zookeeper } from "./zookeeper.ts";

/** A ZooKeeper without persistent watches. */
export interface OldZookeeper {
  /** For a configuration: `zk://127.0.0.1:port`. */
  readonly url: string;
  /** The number of requests so far, without pings; of one operation, if it is given. */
  requests(operation?: Operation): number;
}

type Operation = keyof typeof operations;

const operations = { sync: 9, addWatch: 106 };
const [ping, unimplemented] = [-2, -6];

/** A proxy in front of a newer ZooKeeper that rejects the operations which an older one does not know. */
export async function startBefore36(
  t: Pick<TestContext, "after">,
  { endpoint }: Zookeeper,
): Promise<OldZookeeper> {
  const [host = "", port] = endpoint.split(":");
  const [open, requests] = [new Set<Socket>(), [] as number[]];

  const pass = (client: Socket) => {
    const zookeeper = connect(Number(port), host);
    const frames = new Frames();
    let isConnected = false;
    client.on("data", (chunk) => {
      for (const frame of frames.take(chunk)) {
        const [xid, operation] = [frame.readInt32BE(4), frame.readInt32BE(8)];
        if (isConnected && xid !== ping) requests.push(operation);
        if (isConnected && operation === operations.addWatch) {
          // An old server closes the connection after this answer.
          client.end(unimplementedReply(xid));
          return;
        }
        // The first frame is the connect request, which has no operation.
        isConnected = true;
        zookeeper.write(frame);
      }
    });
    zookeeper.on("data", (chunk) => client.write(chunk));
    client.on("close", () => zookeeper.destroySoon());
    zookeeper.on("close", () => client.destroySoon());
    for (const socket of [client, zookeeper]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
  };

  const server = createServer(pass).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  return {
    url: `zk://127.0.0.1:${address.port}`,
    requests: (name) =>
      requests.filter((operation) => name === undefined || operation === operations[name]).length,
  };
}

/** A reply that is only a header: the length, the id of the request, no transaction, and the error code. */
function unimplementedReply(xid: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeInt32BE(16, 0);
  header.writeInt32BE(xid, 4);
  header.writeInt32BE(unimplemented, 16);
  return header;
}
