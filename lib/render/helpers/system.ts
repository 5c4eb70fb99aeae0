import { existsSync } from "node:fs";
import { generationPlaceholder } from "../generation.ts";
import type { Arguments } from "./arguments.ts";
import type { Helpers, Lookups, SrvTarget } from "./contract.ts";
import { impure, pure, recorded } from "./define.ts";

/** The environment, DNS, files and the clock; and the generation of the rendered text. */
export const system: Helpers = {
  getenv: recorded(
    "getenv name [default]",
    "an environment variable; if it is unset or empty, the default or else an empty string",
    (args, { env }) => env(args.string(0)) || (args.all[1] ?? ""),
  ),
  lookupIP: impure(
    "lookupIP host",
    "the IP addresses of a host name, sorted. Unlike in confd, which goes on with an empty list, a name that cannot be resolved is an error: within a list of the keyspace the item is left out, elsewhere the previous file is kept",
    (args, { lookups }) => lookups.ip(args.string(0)).toSorted(),
  ),
  lookupIPV4: impure(
    "lookupIPV4 host",
    "the IPv4 addresses of a host name, sorted",
    (args, { lookups }) =>
      lookups
        .ip(args.string(0))
        .filter((address) => !address.includes(":"))
        .sort(),
  ),
  lookupIPV6: impure(
    "lookupIPV6 host",
    "the IPv6 addresses of a host name, sorted",
    (args, { lookups }) =>
      lookups
        .ip(args.string(0))
        .filter((address) => address.includes(":"))
        .sort(),
  ),
  lookupSRV: impure(
    "lookupSRV service protocol name",
    "the targets of `_service._protocol.name` (of `name` if both are empty), each with `target`, `port`, `priority` and `weight`, sorted. Unlike in confd, a target does not end in a dot",
    (args, { lookups }) => srvTargets(args, lookups).map(asInConfd).sort(byConcatenation),
  ),
  fileExists: impure(
    "fileExists path",
    "whether a file or a folder exists. Unlike in confd, false if permission to look is denied",
    (args) => existsSync(args.string(0)),
  ),
  generation: pure(
    "generation",
    "the generation of the rendered text: `sidekick-` and 16 hexadecimal digits of its hash. Where nginx answers with it, the `marker` of its proxy verifies which file it runs",
    () => generationPlaceholder,
  ),
  datetime: impure(
    "datetime",
    "the start of the rendering, unlike in confd in UTC and to the second: `2026-11-21T09:30:00Z`. A template that prints it changes its file at every rendering",
    (_, { now }) => now.toISOString().replace(/\.\d+Z$/, "Z"),
  ),
};

interface Target {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

function srvTargets(args: Arguments, { srv }: Lookups): readonly SrvTarget[] {
  return srv(srvName(args.string(0), args.string(1), args.string(2)));
}

/** The name of the record: `_service._protocol.name`, or `name` if both are empty. */
export function srvName(service: string, protocol: string, name: string): string {
  return service === "" && protocol === "" ? name : `_${service}._${protocol}.${name}`;
}

function asInConfd({ name, port, priority, weight }: SrvTarget): Target {
  return { target: name, port, priority, weight };
}

/** By the concatenation of the fields, which is the order that confd sorts in. */
export function byConcatenation(a: Target, b: Target): number {
  const [left, right] = [concatenation(a), concatenation(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function concatenation({ target, port, priority, weight }: Target): string {
  return `${target}${port}${priority}${weight}`;
}
