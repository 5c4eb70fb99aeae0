import { lastLines } from "../../base/exec.ts";
import type { Container, Health, Network, Port, Published, State } from "./contract.ts";
import { signalNumber } from "./signals.ts";

/** The part that is read of what `/containers/{id}/json` answers. Docker and Podman each leave something out. */
export interface Inspected {
  readonly Id: string;
  readonly Name?: string;
  /** The image's id, `sha256:…`. */
  readonly Image?: string;
  readonly State?: InspectedState;
  readonly Config?: {
    readonly Image?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly StopSignal?: string | number;
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
  /** What Podman called it before version 4. */
  readonly Healthcheck?: InspectedHealth | null;
}

interface InspectedHealth {
  readonly Status?: string;
  readonly Log?: readonly { readonly Output?: string }[] | null;
}

interface InspectedNetwork {
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
}

/** By port and protocol: `80/tcp`. Null for a port that is exposed and not published. */
type Bindings = Readonly<
  Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
>;

/** Reads an engine's answer. Whether the container is stopping the engine does not say: not as far as is known here. */
export function containerOf(inspected: Inspected): Container {
  const { Id: id, Name = "", Config = {}, HostConfig = {}, State = {} } = inspected;
  const hostNetwork = HostConfig.NetworkMode === "host";
  return {
    id,
    name: Name.replace(/^\//, ""),
    image: imageOf(inspected),
    labels: Config.Labels ?? {},
    env: Object.fromEntries((Config.Env ?? []).map(splitAtEquals)),
    state: stateOf(State),
    health: healthOf(State.Health ?? State.Healthcheck ?? {}),
    networks: hostNetwork ? [] : networksOf(inspected),
    ports: hostNetwork ? portsOfHost(inspected) : portsOf(inspected),
    hostNetwork,
    startedMs: Date.parse(State.StartedAt ?? "") || 0,
    stopSignal: signalNumber(String(Config.StopSignal || "TERM")) ?? 15,
    stopping: false,
  };
}

/** Whoever names an image by its id, or by the beginning of it, has given it no name. */
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
    const said = lastLines(Log?.at(-1)?.Output ?? "").at(-1) ?? "";
    return { status: Status, says: said.slice(0, 200) };
  }
  return { status: Status === "starting" || Status === "healthy" ? Status : "none", says: "" };
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

function portsOf({ Config = {}, NetworkSettings = {} }: Inspected): readonly Port[] {
  const bindings = { ...exposed(Config.ExposedPorts), ...NetworkSettings.Ports };
  return listed(bindings, (given) => (given ?? []).flatMap(publishedBy));
}

/**
 * In the host's network nothing is forwarded: whatever it listens on is open to all. Those ports count that were
 * to be published, and where there are none of these, those that are exposed.
 */
function portsOfHost({ Config = {}, HostConfig = {} }: Inspected): readonly Port[] {
  const asked = HostConfig.PortBindings ?? {};
  const bindings = Object.keys(asked).length > 0 ? asked : exposed(Config.ExposedPorts);
  return listed(bindings, (_given, port) => [{ host: "", port }]);
}

function exposed(ports: Readonly<Record<string, unknown>> | null | undefined): Bindings {
  return Object.fromEntries(Object.keys(ports ?? {}).map((key) => [key, null]));
}

function listed(
  bindings: Bindings,
  published: (given: Bindings[string], port: number) => readonly Published[],
): readonly Port[] {
  const ports = Object.entries(bindings).flatMap(([key, given]): readonly Port[] => {
    const [, digits, protocol] = /^(\d+)\/(tcp|udp)$/.exec(key) ?? [];
    if (protocol !== "tcp" && protocol !== "udp") return [];
    const port = Number(digits);
    return [{ port, protocol, published: published(given ?? null, port) }];
  });
  return ports.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

function publishedBy(binding: { readonly HostIp?: string; readonly HostPort?: string }) {
  const { HostIp: host = "", HostPort } = binding;
  const port = Number(HostPort);
  const isEverywhere = host === "0.0.0.0" || host === "::";
  return port > 0 ? [{ host: isEverywhere ? "" : host, port }] : [];
}
