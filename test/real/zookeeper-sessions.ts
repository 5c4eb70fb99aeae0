import { systemClock } from "../../lib/base/clock.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { ifNoNode, isExpired } from "../../lib/keyspace/zookeeper/errors.ts";
import { createParents } from "../../lib/keyspace/zookeeper/put.ts";
import { eventually, hangMs } from "../support/process.ts";
import type { Zookeeper } from "./zookeeper.ts";

/** Ends all sessions with nodes below the folder. */
export async function endSessionsBelow(
  folder: string,
  { endpoint, send4lw }: Zookeeper,
): Promise<void> {
  const [, owners = ""] = (await send4lw("dump")).split("Sessions with Ephemerals");
  for (const [, id = "", nodes = ""] of owners.matchAll(/^0x([\da-f]+):\n((?:\t.*\n)*)/gm)) {
    if (nodes.includes(`\t${folder}/`)) await endSession(endpoint, id);
  }
}

/** Writes a persistent node, replacing one that exists. */
export async function writePersistent(
  zookeeper: Pick<Zookeeper, "endpoint">,
  path: string,
  value: string,
): Promise<void> {
  await withConnection(zookeeper, (connection) => connection.remove(path, -1).catch(ifNoNode));
  await overwrite(zookeeper, path, value);
}

/** Sets the data of a node, which is created as a persistent one, with its folders, if it does not exist. */
export async function overwrite(
  zookeeper: Pick<Zookeeper, "endpoint">,
  path: string,
  value: string,
): Promise<void> {
  await withConnection(zookeeper, async (connection) => {
    if (!(await connection.stat(path))) {
      await createParents(connection, path);
      await connection.createFolder(path);
    }
    await connection.setData(path, Buffer.from(value), -1);
  });
}

async function withConnection(
  { endpoint }: Pick<Zookeeper, "endpoint">,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const [host = "", port] = endpoint.split(":");
  const options = { host, port: Number(port), sessionMs: 10_000, limitMs: hangMs };
  const connection = await connect(options, systemClock, AbortSignal.timeout(hangMs));
  await work(connection);
  await connection.closeSession();
}

/** Ends a session, with the same effect as its expiry. `id` is in hexadecimal digits. */
export async function endSession(endpoint: string, id: string): Promise<void> {
  const [host = "", port] = endpoint.split(":");
  const resumed = { id: Buffer.from(id.padStart(16, "0"), "hex"), password: passwordOf(id) };
  const connecting = { host, port: Number(port), sessionMs: 1000, resumed, limitMs: hangMs };
  await eventually("the session is gone", async () => {
    const signal = AbortSignal.timeout(hangMs);
    // Its owner reconnects at once and takes the session back, so this is repeated until the session has expired.
    const connection = await connect(connecting, systemClock, signal).catch(ifExpired);
    await connection?.closeSession();
    return true;
  });
}

function ifExpired(error: unknown): undefined {
  if (!isExpired(error)) throw error;
}

/** The password of a session. ZooKeeper generates it with java.util.Random, seeded with the id. */
function passwordOf(id: string): Buffer {
  const mask = (1n << 48n) - 1n;
  let seed = (BigInt(`0x${id}`) ^ 0xb3415c00n ^ 0x5deece66dn) & mask;
  const words = Array.from({ length: 4 }, () => {
    seed = (seed * 0x5deece66dn + 0xbn) & mask;
    return Number(BigInt.asIntN(32, seed >> 16n));
  });
  const password = Buffer.alloc(16);
  for (const [i, word] of words.entries()) password.writeInt32LE(word, 4 * i);
  return password;
}
