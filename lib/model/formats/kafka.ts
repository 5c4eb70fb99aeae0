import { excerpt } from "../../base/excerpt.ts";
import { formatAddress, isPort } from "../endpoint.ts";
import { isHost } from "../host.ts";
import { type Json, objectOf } from "./json.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { scalarsOf } from "./scalars.ts";

/** A listener of a broker, such as `SASL_SSL://kafka-1:9093`. */
interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** The members that every broker with listeners has besides them, and the ones of Nerve that none has. */
const [always, never] = [
  ["host", "port", "jmx_port", "timestamp"],
  ["name", "weight", "labels", "available", "haproxy_server_options"],
];

/** Whether JSON is that of a Kafka broker with listeners. One without any has host and port as Nerve's JSON has them. */
export function isKafkaBroker(json: Json): boolean {
  const has = (key: string) => Object.hasOwn(json, key);
  const { version, endpoints } = json;
  return (
    Array.isArray(endpoints) && Number.isInteger(version) && always.every(has) && !never.some(has)
  );
}

/**
 * Reads a broker below /brokers/ids. The address is that of the listener `named`, else `host` and `port`, which Kafka sets if there
 * is a listener in plain text, else that of the first listener. Each listener becomes a label such as `endpoint.SSL` with its
 * address, and `protocol.SSL` with its security protocol.
 */
export function readKafka(json: Json, named?: string): RawEndpoint | Invalid {
  const { host, port, rack, endpoints, listener_security_protocol_map: map } = json;
  const listeners = (endpoints as readonly unknown[]).flatMap(listenerOf);
  const protocols = objectOf(map) ?? {};
  const labels = listeners.flatMap((one) => [
    [`endpoint.${one.name}`, formatAddress(one)],
    [`protocol.${one.name}`, protocols[one.name]],
  ]);
  const found = named === undefined ? undefined : listeners.find(({ name }) => name === named);
  if (named !== undefined && !found) return { why: `it has no listener ${excerpt(named)}` };
  const isPlain = host !== null && host !== undefined && port !== -1;
  const address = found ?? (isPlain ? { host, port } : listeners[0]);
  if (!address)
    return { why: `its endpoints are ${excerpt(endpoints)}: expected NAME://host:port` };
  return {
    host: address.host,
    port: address.port,
    labels: scalarsOf({ rack, ...Object.fromEntries(labels) }),
  };
}

function listenerOf(text: unknown): readonly Listener[] {
  const pattern = /^([\w.-]+):\/\/(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;
  const [, name, v6, other, digits] = (typeof text === "string" && pattern.exec(text)) || [];
  const [host, port] = [v6 ?? other, Number(digits)];
  return name !== undefined && isHost(host) && isPort(port) ? [{ name, host, port }] : [];
}
