import { existsSync } from "node:fs";
import { unknownGeneration } from "../generation.ts";
import type { Helpers, SrvTarget } from "./contract.ts";
import { looking, pure } from "./define.ts";
import type { Given } from "./given.ts";

/** What is outside of the keyspace, and the name of what is written. */
export const system: Helpers = {
  getenv: looking(
    "getenv name [default]",
    "an environment variable; where it is unset or empty the default, else an empty text",
    (given, { env }) => env(given.text(0)) || (given.all[1] ?? ""),
  ),
  lookupIP: looking(
    "lookupIP host",
    "the IP addresses of a host name, sorted. Unlike in confd, a name that cannot be resolved leaves the file as it is: confd goes on with an empty list",
    (given, { lookups }) => lookups.ip(given.text(0)).toSorted(),
  ),
  lookupIPV4: looking("lookupIPV4 host", "the IPv4 addresses among them", (given, { lookups }) =>
    lookups
      .ip(given.text(0))
      .filter((address) => !address.includes(":"))
      .sort(),
  ),
  lookupIPV6: looking("lookupIPV6 host", "the IPv6 addresses among them", (given, { lookups }) =>
    lookups
      .ip(given.text(0))
      .filter((address) => address.includes(":"))
      .sort(),
  ),
  lookupSRV: looking(
    "lookupSRV service protocol name",
    "the targets of `_service._protocol.name` (of `name` where both are empty), each with `target`, `port`, `priority` and `weight`, sorted. Unlike in confd, a target does not end in a dot",
    (given, { lookups }) => lookups.srv(srvName(given)).map(asInConfd).sort(bySpelling),
  ),
  fileExists: looking(
    "fileExists path",
    "whether there is a file or a folder. Unlike in confd, one that may not be looked at does not count",
    (given) => existsSync(given.text(0)),
  ),
  generation: pure(
    "generation",
    "a name for exactly this text: `sidekick-` and 16 hexadecimal digits, which change with anything else in it. Where nginx answers with it, the `marker` of its proxy proves which file it runs",
    () => unknownGeneration,
  ),
  datetime: looking(
    "datetime",
    "when the rendering began, unlike in confd in UTC and to the second: `2026-11-21T09:30:00Z`. With it every rendering changes the file",
    (_, { now }) => now.toISOString().replace(/\.\d+Z$/, "Z"),
  ),
};

interface Target {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

function srvName(given: Given): string {
  const [service, protocol, name] = [given.text(0), given.text(1), given.text(2)];
  return service === "" && protocol === "" ? name : `_${service}._${protocol}.${name}`;
}

function asInConfd({ name, port, priority, weight }: SrvTarget): Target {
  return { target: name, port, priority, weight };
}

/** By the fields written one after the other, as confd does it, so that the order of lines is confd's. */
function bySpelling(a: Target, b: Target): number {
  const [left, right] = [spelling(a), spelling(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function spelling({ target, port, priority, weight }: Target): string {
  return `${target}${port}${priority}${weight}`;
}
