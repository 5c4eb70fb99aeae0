import type { Pool } from "../../model/pool.ts";
import type { Arguments } from "./arguments.ts";
import type { Helpers } from "./contract.ts";
import { pure, recorded } from "./define.ts";
import { listening } from "./listen.ts";

/** The rules of proxies. */
export const proxies: Helpers = {
  upstreamName: pure(
    "upstreamName service",
    "the name of a service as that of an nginx upstream, for `upstream` and `proxy_pass`: nginx ignores case in it, and reads a colon as the start of a port, so `Web` is `%57eb` and `a:b` is `a%3Ab`",
    (args) => args.string(0).replace(/[A-Z:]/g, percentEncoded),
  ),
  liveMemory: pure(
    "liveMemory services",
    "the size of each shared dictionary of `nginx-live` for these services: `1m` for up to 1024 instances, then twice as much for each doubling, so that it rarely changes",
    (args) => `${megabytesFor(pools(args).flatMap(({ instances }) => instances).length)}m`,
  ),
  listening: recorded(
    "listening services",
    "the services with a label `listen`, each with the address as `listen`: `5432`, `127.0.0.1:5432` or `[::1]:53 udp`. An instance with an invalid label is quarantined, and so are all but the first of the services with the same address",
    (args, { quarantine }) => listening(pools(args), (one) => quarantine?.(one)),
  ),
};

/**
 * For the counters of an instance, nginx takes about 500 bytes. A value with all peers of a service, which is at most a tenth of
 * that, has to fit twice: its pages are freed after the next one is stored.
 */
function megabytesFor(instances: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1024, instances) / 1024));
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function pools(args: Arguments): readonly Pool[] {
  const isPool = (one: unknown) => Array.isArray((one as Partial<Pool> | null)?.instances);
  const list = args.list(0);
  if (!list.every(isPool)) throw args.invalid(0, "a list of services");
  return list as readonly Pool[];
}
