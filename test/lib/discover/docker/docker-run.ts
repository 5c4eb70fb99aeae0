import type {
  Container,
  Network,
  Port,
  Published,
} from "../../../../lib/clients/docker/contract.ts";
import { concat } from "../../../../lib/discover/concat.ts";
import type { Discovered } from "../../../../lib/discover/contract.ts";
import { type HostContext, instancesOf } from "../../../../lib/discover/docker/instances.ts";
import { schema } from "../../../../lib/discover/docker/schema.ts";
import type { CheckConfig } from "../../../../lib/health/kinds.ts";
import { readCheck } from "../../../../lib/health/read-check.ts";

/** The host of the containers, as in the documentation of registrator. */
export const host: HostContext<CheckConfig> = {
  hostName: "hostname",
  hostAddresses: { ipv4: "192.168.1.102" },
  readCheck,
};

/** The instances of a container with these options of `docker run`, with settings as written in a configuration. */
export function found(options: string, settings: object = {}): Discovered<CheckConfig> {
  return foundIn(dockerRun(options), settings);
}

/** All instances of a container. */
export function foundIn(
  container: Container,
  settings: object = {},
  at: HostContext<CheckConfig> = host,
): Discovered<CheckConfig> {
  return concat([...instancesOf(container, schema.parse(settings), at)]);
}

/**
 * The container that Docker would start with these options of `docker run`, as far as they are relevant here. There is an
 * additional option `--in name=address` for a network of the container.
 */
export function dockerRun(line: string, change: Partial<Container> = {}): Container {
  const { image, options } = parsed(line);
  const of = (...names: readonly string[]) =>
    options.flatMap(([name, value]) => (names.includes(name) ? [value] : []));
  const hostNetwork = of("--net", "--network").includes("host");
  const ports = portsOf(of("-p", "--publish"), of("--expose"));
  return {
    id: `id-of-${of("--name")[0] ?? "it"}`,
    name: of("--name")[0] ?? "it",
    image,
    labels: Object.fromEntries(of("-l", "--label").map(pair)),
    env: Object.fromEntries(of("-e", "--env").map(pair)),
    state: "running",
    health: { status: "none", output: "" },
    networks: of("--in").map(pair).map(networkOf),
    firstNetwork: of("--net", "--network").find((mode) => !mode.includes(":") && mode !== "host"),
    networkOf: of("--net", "--network")
      .find((mode) => mode.startsWith("container:"))
      ?.slice(10),
    ports: hostNetwork ? ports.map(openOnHost) : ports,
    hostNetwork,
    startedMs: 1000,
    stopSignal: 15,
    stopTimeoutMs: 10_000,
    stoppingUntilMs: undefined,
    flapping: undefined,
    ...change,
  };
}

function parsed(line: string): { image: string; options: [name: string, value: string][] } {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(
    ([word, quoted]) => quoted?.replace(/\\(.)/g, "$1") ?? word,
  );
  const options: [string, string][] = [];
  for (;;) {
    const word = words.shift() ?? "";
    if (!word.startsWith("-")) return { image: word, options };
    const [name = "", ...value] = word.split("=");
    if (name === "-d") continue;
    options.push([name, value.length > 0 ? value.join("=") : (words.shift() ?? "")]);
  }
}

function pair(text: string): [string, string] {
  const [key = "", ...value] = text.split("=");
  return [key, value.join("=")];
}

function networkOf([name, address]: [string, string]): Network {
  return address.includes(":") ? { name, ipv6: address } : { name, ipv4: address };
}

/** Parses `[address:][port:]port[/udp]` of `-p` to the form in which the engine lists ports. */
function portsOf(published: readonly string[], exposed: readonly string[]): Port[] {
  const ports = new Map<string, Published[]>();
  for (const text of exposed) ports.set(withProtocol(text), []);
  for (const text of published) {
    const { host, at, port } = split(text);
    const list = ports.get(withProtocol(port)) ?? [];
    const places = { "": ["0.0.0.0", "::"] }[host] ?? [host];
    const all = places.map((place) => ({ host: place, port: Number(at) || 49_153 }));
    ports.set(withProtocol(port), [...list, ...all]);
  }
  const all = Array.from(ports, ([key, published]): Port => {
    const [port = "", protocol] = key.split("/");
    return { port: Number(port), protocol: protocol === "udp" ? "udp" : "tcp", published };
  });
  return all.sort((a, b) => a.port - b.port);
}

function split(text: string): { host: string; at: string; port: string } {
  const [, v6, v4, at = "", port = ""] =
    /^(?:\[([^\]]+)\]:|([\d.]+):(?=\d*:))?(?:(\d*):)?([^:]+)$/.exec(text) ?? [];
  return { host: v6 ?? v4 ?? "", at, port };
}

function withProtocol(port: string): string {
  return port.includes("/") ? port : `${port}/tcp`;
}

function openOnHost(port: Port): Port {
  return { ...port, published: [{ host: "", port: port.port }] };
}
