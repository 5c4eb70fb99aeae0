import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { createFileKeyspace } from "../../lib/keyspace/file/keyspace.ts";

/**
 * Keeps entries in a keyspace folder until it is killed. Prints `written`, and `expired` when its session has expired.
 * Arguments: folder, TTL in ms, and keys as `key` or `key=value`; the default value is the process id.
 */
const [folder = "", ttlMs = "", ...keys] = process.argv.slice(2);

const keyspace = createFileKeyspace({ folder, clock: systemClock });
const session = await keyspace.open(Number(ttlMs), never);
for (const argument of keys) {
  const [key = "", value = String(process.pid)] = argument.split("=");
  await session.put(key, value, never, { overwrites: true });
}
session.expired.addEventListener("abort", () => console.log("expired"));
console.log("written");
setTimeout(() => {}, 120_000);
