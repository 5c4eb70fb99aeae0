import { lastLines } from "../../base/exec.ts";
import type { Container, Health, Network, Port, Published, State } from "./contract.ts";
import { signalNumber } from "./signals.ts";

/** The fields of a response of `/containers/{id}/json` that are used. Docker and Podman each omit some. */
export interface Inspected {
  readonly Id: string;
  readonly Name?: string;
  /** The image's id, `sha256:…`. */
  readonly Image?: string;
  readonly State?: InspectedState;
  readonly Config?: {
    readonly Hostname?: string;
    readonly Image?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly StopSignal?: string | number;
    /** Seconds; negative for no limit. */
    readonly StopTimeout?: number | null;
  };
  readonly HostConfig?: {
    readonly NetworkMode?: string;
    readonly PortBindings?: Bindings | null;
  };
  readonly NetworkSettings?: {
    readonly Ports?: Bindings | null;
    readonly Networks?: Readonly<Record<string, InspectedNetwork | null>> | null;
  };
}

interface InspectedState {
  readonly Status?: string;
  readonly Running?: boolean;
  readonly Paused?: boolean;
  readonly Restarting?: boolean;
  readonly StartedAt?: string;
  readonly Health?: InspectedHealth | null;
  /** The name in Podman before version 4. */
  readonly Healthcheck?: InspectedHealth | null;
}

interface InspectedHealth {
  readonly Status?: string;
  readonly Log?: readonly { readonly Output?: string }[] | null;
}

interface InspectedNetwork {
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
  readonly NetworkID?: string;
}

/** By port and protocol: `80/tcp`. Null for a port that is exposed and not published. */
type Bindings = Readonly<
  Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
>;

/** Converts the response of an inspection. It does not show whether the container is stopping, nor whether it flaps: both are undefined. */
export function containerOf(inspected: Inspected): Container {
  const { Id: id, Name = "", Config = {}, HostConfig = {}, State = {} } = inspected;
  const hostNetwork = HostConfig.NetworkMode === "host";
  return {
    id,
    name: Name.replace(/^\//, ""),
    image: imageOf(inspected),
    ...(Config.Hostname && { hostName: Config.Hostname }),
    labels: Config.Labels ?? {},
    env: Object.fromEntries((Config.Env ?? []).map(splitAtEquals)),
    state: stateOf(State),
    health: healthOf(State.Health ?? State.Healthcheck ?? {}),
    networks: hostNetwork ? [] : networksOf(inspected),
    firstNetwork: firstNetworkOf(inspected),
    networkOf: /^container:(.+)$/.exec(HostConfig.NetworkMode ?? "")?.[1],
    ports: hostNetwork ? portsOfHost(inspected) : portsOf(inspected),
    hostNetwork,
    startedMs: Date.parse(State.StartedAt ?? "") || 0,
    stopSignal: signalNumber(String(Config.StopSignal || "TERM")) ?? 15,
    stopTimeoutMs: stopTimeoutOf(Config.StopTimeout ?? defaultStopTimeout),
    stoppingUntilMs: undefined,
    flapping: undefined,
  };
}

/** The stop timeout of engines, in seconds. */
const defaultStopTimeout = 10;

function stopTimeoutOf(seconds: number): number {
  return seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
}

/** The name of the image; empty if it was given as an id or as the beginning of one. */
function imageOf({ Image: id = "", Config: { Image: name = "" } = {} }: Inspected): string {
  const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(name)?.[1];
  return hex !== undefined && id.replace("sha256:", "").startsWith(hex) ? "" : name;
}

function splitAtEquals(line: string): readonly [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function stateOf({ Status, Running = false, Paused, Restarting }: InspectedState): State {
  if (Restarting || Status === "restarting") return "restarting";
  if (Paused || Status === "paused") return "paused";
  return Running || Status === "running" ? "running" : "ended";
}

function healthOf({ Status, Log }: InspectedHealth): Health {
  if (Status === "unhealthy") {
    const output = lastLines(Log?.at(-1)?.Output ?? "").at(-1) ?? "";
    return { status: Status, output: output.slice(0, 200) };
  }
  return { status: Status === "starting" || Status === "healthy" ? Status : "none", output: "" };
}

function networksOf({ NetworkSettings: { Networks } = {} }: Inspected): readonly Network[] {
  return Object.entries(Networks ?? {})
    .map(([name, network]) => ({
      name,
      ...(network?.IPAddress && { ipv4: network.IPAddress }),
      ...(network?.GlobalIPv6Address && { ipv6: network.GlobalIPv6Address }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The network may be given by its name, by the beginning of its id, or as the default one. */
function firstNetworkOf({
  HostConfig: { NetworkMode: mode = "" } = {},
  NetworkSettings: { Networks } = {},
}: Inspected): string | undefined {
  const named = mode === "default" ? "bridge" : mode;
  const networks = Object.entries(Networks ?? {});
  const isId = /^[0-9a-f]{6,}$/.test(named);
  const [name] =
    networks.find(([one]) => one === named) ??
    networks.find(([, network]) => isId && network?.NetworkID?.startsWith(named)) ??
    [];
  return name;
}

function portsOf({ Config = {}, NetworkSettings = {} }: Inspected): readonly Port[] {
  const bindings = { ...exposed(Config.ExposedPorts), ...NetworkSettings.Ports };
  return toPorts(bindings, (binding) => (binding ?? []).flatMap(toPublished));
}

/**
 * In the host's network no port is forwarded: each one that the container listens on is a port of the host. The ports
 * declared to be published count, or if there are none, the exposed ones.
 */
function portsOfHost({ Config = {}, HostConfig = {} }: Inspected): readonly Port[] {
  const requested = HostConfig.PortBindings ?? {};
  const bindings = Object.keys(requested).length > 0 ? requested : exposed(Config.ExposedPorts);
  return toPorts(bindings, (_binding, port) => [{ host: "", port }]);
}

function exposed(ports: Readonly<Record<string, unknown>> | null | undefined): Bindings {
  return Object.fromEntries(Object.keys(ports ?? {}).map((key) => [key, null]));
}

function toPorts(
  bindings: Bindings,
  published: (binding: Bindings[string], port: number) => readonly Published[],
): readonly Port[] {
  const ports = Object.entries(bindings).flatMap(([key, binding]): readonly Port[] => {
    const [, digits, protocol] = /^(\d+)\/(tcp|udp)$/.exec(key) ?? [];
    if (protocol !== "tcp" && protocol !== "udp") return [];
    const port = Number(digits);
    return [{ port, protocol, published: published(binding ?? null, port) }];
  });
  return ports.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

function toPublished(binding: { readonly HostIp?: string; readonly HostPort?: string }) {
  const { HostIp: host = "", HostPort } = binding;
  const port = Number(HostPort);
  return port > 0 ? [{ host, port }] : [];
}
