import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { Frames } from "../../lib/keyspace/zookeeper/frames.ts";
import { atEnd } from "../support/process.ts";
import type { Zookeeper } from "./zookeeper.ts";

/** A ZooKeeper that knows nothing of watches that persist. */
export interface OldZookeeper {
  /** For a configuration: `zk://127.0.0.1:port`. */
  readonly url: string;
  /** How often it was asked for an operation; or for any, pings aside. */
  asked(operation?: Operation): number;
}

type Operation = keyof typeof operations;

const operations = { sync: 9, addWatch: 106 };
const [ping, unimplemented] = [-2, -6];

/** Stands before a newer one, and passes everything on but what an older one does not know. */
export async function startBefore36(
  t: Pick<TestContext, "after">,
  { endpoint }: Zookeeper,
): Promise<OldZookeeper> {
  const [host = "", port] = endpoint.split(":");
  const [open, asked] = [new Set<Socket>(), [] as number[]];

  const pass = (client: Socket) => {
    const zookeeper = connect(Number(port), host);
    const frames = new Frames();
    let greeted = false;
    client.on("data", (chunk) => {
      for (const frame of frames.take(chunk)) {
        const [xid, operation] = [frame.readInt32BE(4), frame.readInt32BE(8)];
        if (greeted && xid !== ping) asked.push(operation);
        if (greeted && operation === operations.addWatch) {
          // An old server ends the connection once it has said so.
          client.end(refusal(xid));
          return;
        }
        greeted = true;
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
    asked: (name) =>
      asked.filter((operation) => name === undefined || operation === operations[name]).length,
  };
}

/** A header without anything behind it: its length, whose answer it is, no transaction, and the code. */
function refusal(xid: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeInt32BE(16, 0);
  header.writeInt32BE(xid, 4);
  header.writeInt32BE(unimplemented, 16);
  return header;
}
