import { isIPv4, isIPv6 } from "node:net";
import { excerpt } from "../../base/excerpt.ts";
import { isPort } from "../../model/endpoint.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";

/** A service with the address where a proxy listens for it. */
export interface Listening extends Pool {
  /** As in its label: `5432`, `127.0.0.1:5432`, `[::1]:53 udp`. */
  readonly listen: string;
}

/** An entry or a service that cannot be listened for, and the reason. */
export interface NotListening {
  readonly key: string;
  readonly why: string;
}

/** The label `listen` of a service, read once for each state of it. */
interface Reading {
  readonly service: Listening | undefined;
  /** The same for two spellings of one address. */
  readonly address: string;
  readonly invalid: readonly NotListening[];
}

const readings = new WeakMap<Pool, Reading>();

/**
 * The services with a label `listen`, of which the first valid one in key order counts. An instance with an invalid label
 * is left out, and of the services with one address all but the first in the list.
 */
export function listening(
  services: readonly Pool[],
  onLeftOut: (one: NotListening) => void,
): readonly Listening[] {
  const byAddress = new Map<string, Listening>();
  for (const pool of services) {
    const { service, address, invalid } = readingOf(pool);
    for (const one of invalid) onLeftOut(one);
    if (!service) continue;
    const first = byAddress.get(address);
    if (first) onLeftOut(taken(service, first));
    else byAddress.set(address, service);
  }
  return [...byAddress.values()];
}

function readingOf(pool: Pool): Reading {
  let reading = readings.get(pool);
  if (!reading) {
    reading = read(pool);
    readings.set(pool, reading);
  }
  return reading;
}

function read(pool: Pool): Reading {
  const invalid: NotListening[] = [];
  const instances: Endpoint[] = [];
  let [listen, address] = ["", ""];
  for (const one of pool.instances) {
    const label = one.labels.listen ?? "";
    const found = label === "" ? "" : addressOf(label);
    if (found === undefined) {
      const expected =
        "a port such as 5432, 127.0.0.1:5432 or [::1]:5432, and udp behind it if need be";
      invalid.push({
        key: one.key,
        why: `its label listen is ${excerpt(label)}: expected ${expected}`,
      });
      continue;
    }
    instances.push(one);
    if (address === "") [listen, address] = [label, found];
  }
  const service = address === "" ? undefined : { ...pool, instances, listen };
  return { service, address, invalid };
}

/** The address of a label in one spelling; undefined if the label is invalid. */
function addressOf(label: string): string | undefined {
  const match = /^(?:(\*|[\d.]+|\[[\dA-Fa-f:.]+\]):)?(\d{1,5})( udp)?$/.exec(label);
  const [, host = "*", port, protocol = ""] = match ?? [];
  const ip = hostOf(host);
  const isValid = ip !== undefined && isPort(Number(port));
  return isValid ? `${ip}:${Number(port)}${protocol}` : undefined;
}

function hostOf(host: string): string | undefined {
  if (host === "*") return "0.0.0.0";
  if (isIPv4(host)) return host;
  return isIPv6(host.slice(1, -1)) ? URL.parse(`http://${host}`)?.hostname : undefined;
}

function taken({ name, listen, instances }: Listening, first: Listening): NotListening {
  const [one] = instances;
  const key = one ? one.key.slice(0, -one.id.length - 1) : name;
  return { key, why: `its label listen is ${listen}: the service ${first.name} listens there` };
}
