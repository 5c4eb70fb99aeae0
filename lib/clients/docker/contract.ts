import type { SharingMap } from "../../base/sharing-map.ts";

/** A container as its engine described it when it was last looked at. */
export interface Container {
  readonly id: string;
  /** Without the slash that the engine puts before it. */
  readonly name: string;
  /** As it was named when the container was made; empty where only an id was given. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly state: State;
  readonly health: Health;
  /** In order of their names; none where the container shares the network of the host or of another one. */
  readonly networks: readonly Network[];
  /** In order of their numbers. */
  readonly ports: readonly Port[];
  /** Whether it has no network of its own but that of the host: what it listens on, the host listens on. */
  readonly hostNetwork: boolean;
  /** When this run of it began, by the engine's clock: milliseconds since 1970. */
  readonly startedMs: number;
  /** The number of the signal that asks it to stop. */
  readonly stopSignal: number;
  /** Whether it was asked to stop and has not yet ended. */
  readonly stopping: boolean;
}

/** `running`, `paused` and `restarting` are those of which an engine says that they are running. */
export type State = "running" | "paused" | "restarting" | "ended";

/** What the container's HEALTHCHECK says; `none` where it has none. */
export interface Health {
  readonly status: "none" | "starting" | "healthy" | "unhealthy";
  /** The last line that a failing one printed; empty otherwise. */
  readonly says: string;
}

/** A network that a container is in, and its addresses there. */
export interface Network {
  readonly name: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** A port that a container is said to listen on. */
export interface Port {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Where the host listens on its behalf: one entry for each address. */
  readonly published: readonly Published[];
}

export interface Published {
  /** An address of the host; empty where it is all of them, as `0.0.0.0` and `::` are. */
  readonly host: string;
  readonly port: number;
}

/** Every container that runs, those that are paused or restarted among them, by id. */
export type Containers = SharingMap<Container>;

/** What an engine tells when something has happened to a container. */
export interface EngineEvent {
  /** The container's id. */
  readonly id: string;
  /** `start`, `die`, `health_status: healthy` … */
  readonly action: string;
  /** When, by the engine's clock: milliseconds since 1970. */
  readonly atMs: number;
  /** What a `kill` has sent; undefined where the engine does not say. */
  readonly signal: number | undefined;
}
