import { systemClock } from "../../lib/base/clock.ts";
import { createFileKeyspace } from "../../lib/keyspace/file/keyspace.ts";

/**
 * Keeps entries in a keyspace folder until it is killed, and says so. Arguments: folder, ttl in ms, keys; the
 * value of each is the process id, or what stands after an equals sign.
 */
const [folder = "", ttlMs = "", ...keys] = process.argv.slice(2);
const { signal } = new AbortController();
const keyspace = createFileKeyspace({ folder, clock: systemClock });
const session = await keyspace.open(Number(ttlMs), signal);
for (const argument of keys) {
  const [key = "", value = String(process.pid)] = argument.split("=");
  await session.put(key, value, signal);
}
session.expired.addEventListener("abort", () => console.log("lost"));
console.log("written");
setTimeout(() => {}, 120_000);
