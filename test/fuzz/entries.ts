import { oneOf } from "../support/random.ts";

type Random = () => number;

/** An entry of a keyspace; the address of a good one has to be in the file. */
export interface RandomEntry {
  readonly key: string;
  readonly value: string;
  readonly address?: string;
}

/** No text may contain this word where a directive begins. */
export const injected = "INJECTED";

const hostile = [
  ...[`x\n${injected} on`, `x; ${injected} on`, `x} ${injected} {`, `"x" ${injected}`, "x{", "}"],
  ...["", " ", "#x", "$host", "%[env(HOME)]", "\\", "'", "a b", "\u0000", "\u001b[31m", "\u202e"],
  ...["é", "x".repeat(5000), "~^x(", "*", "..", "constructor", "__proto__", "nonsense", "a,b"],
];

const hosts = [
  ...["a..b", "a..c", ".a", "-x", "256.1.1.1", "127.0.0.01", "127.1", "1e3", "::1", "fe80::1%eth0"],
  ...["no-such-host.invalid", "other.invalid.", `${"x".repeat(70)}.invalid`, "[::1]", "unix:/x"],
];

const ports = [0, 1, 80, 65_535, 65_536, -1, 1.5, 1e9, "80", "80 backup", null];
const weights = [0, 1, 256, 257, -1, 0.5, 1e300, "1", "1 backup", null];
const services = ["web", "api", "db"];

/** The label with which a service of TCP listens: a port of its own, so that no other service claims it first. */
function listenOf(service: string): number {
  const index = services.indexOf(service);
  return index < 0 ? 24_189 : 24_190 + index;
}

/** An instance that every template can hold. */
export function goodEntry(number: number, random: Random): RandomEntry {
  const host = `127.1.${number >> 8}.${number & 255}`;
  const port = 1 + Math.floor(random() * 65_535);
  const weight = 1 + Math.floor(random() * 256);
  const service = oneOf(services, random);
  const labels = { listen: listenOf(service) };
  return {
    key: `/services/${service}/${number}`,
    value: JSON.stringify({ host, port, weight, labels }),
    address: `${host}:${port}`,
  };
}

/** An entry that may be anything. */
export function hostileEntry(number: number, random: Random): RandomEntry {
  const service = random() < 0.7 ? oneOf(services, random) : oneOf(hostile, random);
  const id = random() < 0.8 ? `h${number}` : oneOf(hostile, random);
  if (random() < 0.2) return foreignEntry(service, id, random);
  return { key: `/services/${service}/${id}`, value: hostileValue(service, random) };
}

/** An entry of another program, with anything in the places of its fields. */
function foreignEntry(service: string, id: string, random: Random): RandomEntry {
  const any = () => oneOf(hostile, random);
  const maybe = <T>(usual: T, others: readonly unknown[]) =>
    random() < 0.7 ? usual : oneOf([...others, any()], random);
  const [host, port] = [maybe("127.3.0.1", hosts), maybe(1 + Math.floor(random() * 999), ports)];
  const members = { option: maybe("", ["backup"]), [any()]: any(), listen: listenOf(service) };
  const url = `dubbo://${host}:${port}/x?group=${any()}&weight=${maybe("1", weights)}`;
  const broker = { host: null, port: -1, jmx_port: -1, timestamp: "1", version: 5, rack: any() };
  const values: readonly (readonly [id: string, value: unknown])[] = [
    [id, { id: maybe("x", []), address: host, port, sslPort: port, payload: members }],
    [id, { address: host, port, payload: { metadata: members }, enabled: maybe(true, [false]) }],
    [id, { Op: 0, Addr: `${host}:${port}`, Metadata: maybe(members, ["a"]) }],
    [id, { ...broker, endpoints: [`${maybe("SSL", [])}://${host}:${port}`, any()] }],
    [random() < 0.9 ? encodeURIComponent(url) : url, ""],
    [`${host}:${port}_solr`, ""],
  ];
  const [name, value] = oneOf(values, random);
  return { key: `/services/${service}/${name}`, value: value === "" ? "" : JSON.stringify(value) };
}

function hostileValue(service: string, random: Random): string {
  if (random() < 0.1) return oneOf(hostile, random);
  if (random() < 0.1) return `${oneOf(hosts, random)}:${oneOf(ports, random)}`;
  const any = () => oneOf(hostile, random);
  const maybe = <T>(usual: T, others: readonly unknown[]) =>
    random() < 0.6 ? usual : oneOf([...others, any()], random);
  const labels = {
    option: maybe("", ["backup", "down", "nonsense", "weight=1"]),
    ...(random() < 0.3 && {
      listen: maybe(listenOf(service), ["24190 nonsense", "24191x", "127.0.0.1:99999"]),
    }),
    ...(random() < 0.2 && { [any()]: any() }),
  };
  const instance = {
    host: maybe("127.2.0.1", hosts),
    port: maybe(1 + Math.floor(random() * 65_535), ports),
    weight: maybe(1, weights),
    name: maybe("x", []),
    labels,
  };
  const text = JSON.stringify(instance);
  return random() < 0.05 ? text.slice(0, -1) : text;
}
