import type { Container, Port } from "../../clients/docker/contract.ts";
import { isPort } from "../../model/endpoint.ts";

/** A value and its source. */
export interface LabelValue {
  /** `SERVICE_80_NAME`, `sidekick.80.name` */
  readonly label: string;
  readonly value: string;
  /** Whether it was set for this port only. */
  readonly ofPort: boolean;
  /** Whether it comes from the environment, where it may have another purpose. */
  readonly ofEnvironment: boolean;
}

/**
 * The metadata of a port, by key: `name`, `check_http`. Reserved keys are in lower case, with `_` instead of dots;
 * other keys have the name by which templates refer to them.
 */
export type Metadata = ReadonlyMap<string, LabelValue>;

const reservedKeys = new Set(["name", "id", "tags", "ignore", "weight"]);

interface ParsedLabel extends LabelValue {
  readonly key: string;
  readonly port: number | undefined;
  readonly protocol: Port["protocol"] | undefined;
  readonly isOwn: boolean;
  /** Its position among all labels. */
  readonly position: number;
  /** Of labels with the same key the highest rank counts; of equal ranks, the last one. */
  readonly rank: number;
}

/**
 * The metadata of a port. For the same key, `sidekick.` takes precedence over SERVICE_, a label for one port over one for
 * all, and the environment over labels.
 */
export function metadataOf(container: Container, { port, protocol }: Port): Metadata {
  const { general, byPort } = indexOf(container);
  const applicable = [...general, ...(byPort.get(port) ?? [])].filter(
    (label) => (label.protocol ?? protocol) === protocol,
  );
  const byRank = applicable.sort((a, b) => a.rank - b.rank || a.position - b.position);
  return new Map(
    byRank.map(({ key, label, value, ofPort, ofEnvironment }) => [
      key,
      { label, value, ofPort, ofEnvironment },
    ]),
  );
}

/**
 * The ports of a container, published or not: as reported by the engine, and as named in `sidekick.` labels. If the engine
 * reports none, as in the host's network, ports named in SERVICE_ labels count too.
 */
export function portsOf(container: Container): readonly Port[] {
  const { ports: known, hostNetwork } = container;
  const ports = new Map(known.map((port) => [`${port.port}/${port.protocol}`, port]));
  for (const { port, protocol = "tcp", isOwn } of parsedLabels(container)) {
    const counts = isOwn || known.length === 0;
    const key = `${port}/${protocol}`;
    if (port === undefined || !isPort(port) || !counts || ports.has(key)) continue;
    ports.set(key, { port, protocol, published: hostNetwork ? [{ host: "", port }] : [] });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

/** The labels of a container for all ports, and those for one port. */
interface LabelIndex {
  readonly general: readonly ParsedLabel[];
  readonly byPort: ReadonlyMap<number, readonly ParsedLabel[]>;
}

/** Each container is indexed once: it may have thousands of ports, with labels for each. */
const indexes = new WeakMap<Container, LabelIndex>();

function indexOf(container: Container): LabelIndex {
  const known = indexes.get(container);
  if (known) return known;
  const general: ParsedLabel[] = [];
  const byPort = new Map<number, ParsedLabel[]>();
  for (const label of parsedLabels(container)) {
    const { port } = label;
    if (port === undefined) general.push(label);
    else if (!byPort.get(port)?.push(label)) byPort.set(port, [label]);
  }
  const index = { general, byPort };
  indexes.set(container, index);
  return index;
}

function parsedLabels({ labels, env }: Container): ParsedLabel[] {
  const parsed = [
    ...Object.entries(labels).flatMap(([label, value]) => parseLabel(label, value, false)),
    ...Object.entries(env).flatMap(([label, value]) => parseLabel(label, value, true)),
  ];
  return parsed.map((label, position) => ({ ...label, position }));
}

const registratorKey = /^SERVICE_(?:(\d+)_(?:(TCP|UDP)_)?)?(.+)$/is;
const sidekickKey = /^sidekick\.(?:(\d+)(?:\/(tcp|udp))?\.)?(.+)$/s;

function parseLabel(
  label: string,
  value: string,
  ofEnvironment: boolean,
): readonly Omit<ParsedLabel, "position">[] {
  const isOwn = !ofEnvironment && label.startsWith("sidekick.");
  if (!isOwn && !label.startsWith("SERVICE_")) return [];
  const [, digits, protocolName, rest = ""] =
    (isOwn ? sidekickKey : registratorKey).exec(label) ?? [];
  if (rest === "") return [];
  const key = keyOf(isOwn ? rest : rest.toLowerCase());
  const port = digits === undefined ? undefined : Number(digits);
  const protocol =
    protocolName === undefined ? undefined : /udp/i.test(protocolName) ? "udp" : "tcp";
  const rank = (isOwn ? 4 : 0) + (protocol ? 2 : 0) + (port === undefined ? 0 : 1);
  const ofPort = port !== undefined;
  return [{ key, label, value, port, protocol, isOwn, rank, ofPort, ofEnvironment }];
}

function keyOf(text: string): string {
  const plain = text.toLowerCase().replaceAll(".", "_");
  return isReserved(plain) ? plain : text;
}

/** Whether a key has a meaning of its own, and is not a custom label. */
export function isReserved(key: string): boolean {
  return reservedKeys.has(key) || key.startsWith("check_");
}
