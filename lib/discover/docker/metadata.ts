import type { Container, Port } from "../../clients/docker/contract.ts";
import { isPort } from "../../model/endpoint.ts";

/** A value, and where it was written. */
export interface Written {
  /** `SERVICE_80_NAME`, `sidekick.80.name` */
  readonly label: string;
  readonly value: string;
  /** Whether it was written for this very port. */
  readonly ofPort: boolean;
  /** Whether it comes from the environment, where it may mean something else. */
  readonly ofEnvironment: boolean;
}

/**
 * What a container says of one of its ports, by key: `name`, `check_http`. Keys that mean something here are in
 * lower case with `_` for a dot; those that mean nothing are what templates call them.
 */
export type Metadata = ReadonlyMap<string, Written>;

/** Keys with a meaning of their own; those of checks begin with `check_`. */
const meant = new Set(["name", "id", "tags", "ignore", "weight"]);

interface Line extends Written {
  readonly key: string;
  readonly port: number | undefined;
  readonly protocol: Port["protocol"] | undefined;
  readonly isOwn: boolean;
  /** Of two lines with one key the higher one counts; of two that are as high, the later one. */
  readonly rank: number;
}

/**
 * Of what is said twice, `sidekick.` counts before SERVICE_, what is said of a port before what is said of all, and
 * the environment before labels.
 */
export function metadataOf(container: Container, { port, protocol }: Port): Metadata {
  const ours = linesOf(container).filter(
    (one) => (one.port ?? port) === port && (one.protocol ?? protocol) === protocol,
  );
  const inOrder = ours.sort((a, b) => a.rank - b.rank);
  return new Map(
    inOrder.map(({ key, label, value, ofPort, ofEnvironment }) => [
      key,
      { label, value, ofPort, ofEnvironment },
    ]),
  );
}

/**
 * Its ports, where they need not be published: those that the engine knows of, and those that a `sidekick.` label is
 * about. Where the engine knows of none, as of what is in the host's network, SERVICE_ will do.
 */
export function portsOf(container: Container): readonly Port[] {
  const { ports: known, hostNetwork } = container;
  const ports = new Map(known.map((one) => [`${one.port}/${one.protocol}`, one]));
  for (const { port, protocol = "tcp", isOwn } of linesOf(container)) {
    const counts = isOwn || known.length === 0;
    const key = `${port}/${protocol}`;
    if (port === undefined || !isPort(port) || !counts || ports.has(key)) continue;
    ports.set(key, { port, protocol, published: hostNetwork ? [{ host: "", port }] : [] });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

function linesOf({ labels, env }: Container): Line[] {
  return [
    ...Object.entries(labels).flatMap(([label, value]) => line(label, value, false)),
    ...Object.entries(env).flatMap(([label, value]) => line(label, value, true)),
  ];
}

const registrators = /^SERVICE_(?:(\d+)_(?:(TCP|UDP)_)?)?(.+)$/is;
const own = /^sidekick\.(?:(\d+)(?:\/(tcp|udp))?\.)?(.+)$/s;

function line(label: string, value: string, ofEnvironment: boolean): readonly Line[] {
  const isOwn = !ofEnvironment && label.startsWith("sidekick.");
  if (!isOwn && !label.startsWith("SERVICE_")) return [];
  const [, digits, spoken, rest = ""] = (isOwn ? own : registrators).exec(label) ?? [];
  if (rest === "") return [];
  const key = keyOf(isOwn ? rest : rest.toLowerCase());
  const port = digits === undefined ? undefined : Number(digits);
  const protocol = spoken === undefined ? undefined : /udp/i.test(spoken) ? "udp" : "tcp";
  const rank = (isOwn ? 4 : 0) + (protocol ? 2 : 0) + (port === undefined ? 0 : 1);
  const ofPort = port !== undefined;
  return [{ key, label, value, port, protocol, isOwn, rank, ofPort, ofEnvironment }];
}

function keyOf(text: string): string {
  const plain = text.toLowerCase().replaceAll(".", "_");
  return meant.has(plain) || plain.startsWith("check_") ? plain : text;
}
