import type { SharingMap } from "../../base/sharing-map.ts";

/** A container as of its last inspection. */
export interface Container {
  readonly id: string;
  /** Without the leading slash of the engine. */
  readonly name: string;
  /** The host name inside the container, if the engine reports it. */
  readonly hostName?: string;
  /** The name given when the container was created; empty if an id was given. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly state: State;
  readonly health: Health;
  /** Sorted by name; empty if the container uses the network of the host or of another container. */
  readonly networks: readonly Network[];
  /** The name of the network with which it was created; undefined without one of its own. */
  readonly firstNetwork: string | undefined;
  /** The id of the container of which it uses the network; undefined if there is none. */
  readonly networkOf: string | undefined;
  /** Sorted by number. */
  readonly ports: readonly Port[];
  /** Whether it uses the network of the host, so that its ports are ports of the host. */
  readonly hostNetwork: boolean;
  /** The start of its current run by the engine's clock: milliseconds since 1970. */
  readonly startedMs: number;
  /** The number of its stop signal. */
  readonly stopSignal: number;
  /** How long its engine waits after the stop signal before it kills it: milliseconds, Infinity for no limit. */
  readonly stopTimeoutMs: number;
  /**
   * Until when it counts as stopping: milliseconds on the agent's clock, Infinity after SIGKILL. Undefined if it was not asked
   * to stop, or has outlived the request.
   */
  readonly stoppingUntilMs: number | undefined;
  /** Set until its current run has lasted longer than earlier runs, which ended soon after their start. */
  readonly flapping: Flapping | undefined;
}

/** Why a container does not count as up yet. */
export interface Flapping {
  /** The longest of its last short runs, in milliseconds. */
  readonly livedMs: number;
  /** How long the current run has to last, in milliseconds. */
  readonly requiredMs: number;
  /** When that is: milliseconds on the agent's clock. */
  readonly untilMs: number;
}

/** Engines list containers that are `running`, `paused` or `restarting`. */
export type State = "running" | "paused" | "restarting" | "ended";

/** The result of the container's HEALTHCHECK; `none` if it has none. */
export interface Health {
  readonly status: "none" | "starting" | "healthy" | "unhealthy";
  /** The last line of output of a failing HEALTHCHECK; empty otherwise. */
  readonly output: string;
}

/** A network of a container, and its addresses there. */
export interface Network {
  readonly name: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** A port on which a container is declared to listen. */
export interface Port {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** The addresses of the host at which the port is published. */
  readonly published: readonly Published[];
}

export interface Published {
  /** An address of the host; `0.0.0.0` or `::` for all addresses of that family, empty for all addresses. */
  readonly host: string;
  readonly port: number;
}

/** All running containers, including paused and restarting ones, by id. */
export type Containers = SharingMap<Container>;

/** An event of an engine about a container. */
export interface EngineEvent {
  /** The container's id. */
  readonly id: string;
  /** `start`, `die`, `health_status: healthy` … */
  readonly action: string;
  /** By the engine's clock: milliseconds since 1970. */
  readonly atMs: number;
  /** The number of the signal sent by a `kill`; undefined if the engine does not report it. */
  readonly signal: number | undefined;
}
