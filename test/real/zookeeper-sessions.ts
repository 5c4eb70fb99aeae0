import { systemClock } from "../../lib/base/clock.ts";
import { connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { isExpired } from "../../lib/keyspace/zookeeper/errors.ts";
import { eventually, hangMs } from "../support/process.ts";
import type { Zookeeper } from "./zookeeper.ts";

/** Ends each session that has nodes below the folder. */
export async function endSessionsBelow(
  folder: string,
  { endpoint, ask }: Zookeeper,
): Promise<void> {
  const [, owners = ""] = (await ask("dump")).split("Sessions with Ephemerals");
  for (const [, id = "", nodes = ""] of owners.matchAll(/^0x([\da-f]+):\n((?:\t.*\n)*)/gm)) {
    if (nodes.includes(`\t${folder}/`)) await endSession(endpoint, id);
  }
}

/** Ends a session, as ZooKeeper does when its time to live has passed. `id` is in hexadecimal digits. */
export async function endSession(endpoint: string, id: string): Promise<void> {
  const [host = "", port] = endpoint.split(":");
  const resumed = { id: Buffer.from(id.padStart(16, "0"), "hex"), password: passwordOf(id) };
  const connecting = { host, port: Number(port), sessionMs: 1000, resumed, limitMs: hangMs };
  await eventually("the session is gone", async () => {
    const signal = AbortSignal.timeout(hangMs);
    // Its owner connects again at once and takes the session back: this goes on until it cannot.
    const connection = await connect(connecting, systemClock, signal).catch(ifExpired);
    await connection?.closeSession();
    return true;
  });
}

function ifExpired(error: unknown): undefined {
  if (!isExpired(error)) throw error;
}

/** The password of a session, which ZooKeeper draws from Java's generator of numbers with the id as the seed. */
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
