import type { Level } from "../base/log.ts";
import type { Backoff } from "../base/retry.ts";
import type { DestinationConfig } from "../destination/kinds.ts";
import type { DockerSettings } from "../discover/docker/schema.ts";
import type { Service } from "../discover/static.ts";
import type { CheckConfig } from "../health/kinds.ts";
import type { InstallTarget } from "../install/contract.ts";
import type { KeyspaceConfig } from "../keyspace/schema.ts";
import type { Format as ValueFormat } from "../model/encode.ts";
import type { Address } from "../model/endpoint.ts";
import type { EntryForm } from "../model/entry-form.ts";
import type { HeedRules } from "../presence/heed.ts";
import type { SignSettings } from "../presence/signer.ts";
import type { ProxyConfig } from "../proxy/kinds.ts";
import type { Format as FileFormat } from "../render/escape/kinds.ts";
import type { GeneratorSettings } from "../render/generators.ts";
import type { GuardRules, Limits } from "../view/contract.ts";
import type { PolicyRules } from "../view/policies/contract.ts";
import type { Settling } from "../view/settle.ts";
import type { NamedSources } from "../view/sources.ts";
import type { TrustRules } from "../view/trust/contract.ts";
import type { OwnHost } from "../view/trust/own-host.ts";

/** A validated configuration, defaults included. Frozen; paths are absolute, durations in milliseconds. */
export interface Plan {
  readonly log: Level;
  readonly keyspace: KeyspaceConfig;
  /** By folder, the keyspaces whose keys are visible below it. */
  readonly mounts?: Readonly<Record<string, KeyspaceConfig>>;
  readonly presence?: PresencePlan;
  readonly watch?: WatchPlan;
  readonly exec?: ExecPlan;
  readonly status?: StatusPlan;
}

/** The program that an agent runs. */
export interface ExecPlan {
  /** The program and its arguments; undefined if only the command line may name it. */
  readonly run?: readonly string[];
  /** The action on a change of `env`, or of a file that no proxy of the agent reads. */
  readonly onChange: "nothing" | "restart" | NodeJS.Signals;
  /** The signal that asks it to end. */
  readonly stop: NodeJS.Signals;
  /** How long it may take to end after that; then its process group is killed. */
  readonly stopTimeoutMs: number;
  /** The action when it ends by itself. */
  readonly restart: "never" | "always";
  /** By name, the templates of variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folders of the keyspace that these can read, as keys. */
  readonly prefixes: readonly string[];
  /** The signals that are handed on to it. */
  readonly forward: readonly NodeJS.Signals[];
}

export interface StatusPlan {
  /** The control socket; undefined for the default path, which `sidekick status` derives from the files' paths. */
  readonly socket?: string;
  /** The address of the read-only HTTP server. */
  readonly listen?: Address;
  /** Further names by which clients may address it. */
  readonly hosts?: readonly string[];
  /** Whether the server has a page for browsers. */
  readonly page?: boolean;
}

export interface PresencePlan {
  /** TTL of the entries. */
  readonly ttlMs: number;
  /** Time limit of a shutdown, drain included. */
  readonly shutdownTimeoutMs: number;
  /** How long a draining instance has weight 0 before it is deregistered; at most half of `shutdownTimeoutMs`. */
  readonly drainDelayMs: number;
  /** The folder of the keyspace in which instances are registered: `/services`. */
  readonly prefix: string;
  readonly format: ValueFormat;
  /** The name of this machine in the entries. */
  readonly name: string;
  /** How many probes may be in flight; undefined for the default, which depends on the limits of the process. */
  readonly maxProbes?: number;
  /** Whether checks keep the connections of their last probes; undefined for the default of each kind. */
  readonly tripwire?: boolean;
  /** A file that is touched while the agent runs. */
  readonly heartbeat?: string;
  /** The agent is ready only once all watchers have served its healthy instances. */
  readonly waitServed?: true;
  /** When an instance is unhealthy because proxies fail to use it; absent for never. */
  readonly heed?: HeedRules;
  /** Entries have the time at which their instances became what they show; only with the format `json`. */
  readonly stamp?: true;
  /** Entries are signed; only with the format `json`. */
  readonly sign?: SignSettings;
  readonly services: readonly ServicePlan[];
  /** The places beside the keyspace in which instances are registered; absent where there are none. */
  readonly destinations?: readonly DestinationConfig[];
  /** Undefined where containers are not discovered. */
  readonly docker?: DockerSettings;
}

export type ServicePlan = Service & {
  readonly checks: readonly CheckConfig[];
  /** The folder of its entry; undefined for `<prefix>/<name>`. */
  readonly path?: string;
  /** Undefined for an entry at its key that the session owns. */
  readonly form?: EntryForm;
};

export interface WatchPlan {
  /**
   * The folder of the keyspace that contains a sub-folder for each service, with the root of the watcher; false if there are
   * only sources.
   */
  readonly services: string | false;
  /** Where the instances of further services are, by name; each replaces the sub-folder of its name. */
  readonly sources?: NamedSources;
  /** How changes are debounced that need a reload; all changes if there is no `promptSettle`. */
  readonly settle: Settling;
  /** How other changes are debounced; absent if the configuration sets a debounce. */
  readonly promptSettle?: Settling;
  readonly retry: Backoff;
  readonly limits: Limits;
  readonly guard: GuardRules;
  /** How requests are shared among instances; absent for their weights alone. */
  readonly policies?: PolicyRules;
  /** Which entries are trusted as instances; absent where all are. */
  readonly trust?: TrustRules;
  /** How entries of this host are known; absent where no warning about those of other hosts is wanted. */
  readonly ownHost?: OwnHost;
  /** How often files are rendered although nothing has changed; undefined for never. */
  readonly refreshMs?: number;
  /** Whether host names of instances are resolved for files that a proxy reads or a check command validates. */
  readonly resolve: boolean;
  /** Whether the watcher acknowledges instances that drain. */
  readonly acknowledge: boolean;
  /** Reloads in turns with other watchers; absent if this one need not wait for any. */
  readonly together?: TogetherPlan;
  /** Whether a file or a proxy that something else has changed is only reported, or put right at once. */
  readonly drift: "report" | "repair";
  /** How often proxies are asked what they have counted of their servers; absent if they are not. */
  readonly observeMs?: number;
  /** The file that keeps the last known state of the keyspace; false for none, undefined for the default path. */
  readonly snapshotCache?: string | false;
  readonly templates: readonly TemplatePlan[];
}

export interface TogetherPlan {
  /** The name that the watchers have in common which take turns. */
  readonly group: string;
  /** How many of them may reload at a time: a number, or a share (0 to 1) of the running ones. */
  readonly max: { readonly count: number } | { readonly share: number };
  /** The longest that this watcher may have the turn. */
  readonly holdMs: number;
  /** How long it keeps its turn after a reload was verified. */
  readonly settleMs: number;
  /** For how long the keyspace may be unreachable, and whether it reloads alone then. */
  readonly otherwise: { readonly waitMs: number; readonly isAlone: boolean };
  /** Whether one reloads at a time until a first one has applied the change. */
  readonly canary: boolean;
}

export interface TemplatePlan {
  /** The source as it is written: looked up among the shipped templates if no such file exists. */
  readonly name: string;
  readonly source: string;
  readonly target: InstallTarget;
  /** The folders of the keyspace that the template can read, as keys of the keyspace. */
  readonly prefixes: readonly string[];
  /** Those of the prefixes that are folders of `watch.sources`, so that they only have instances. */
  readonly sourceFolders?: readonly string[];
  /** The folder of the keyspace that the template sees as `/`; absent for the root. */
  readonly root?: string;
  /** The folders that a prefix above them does not show: those of the program's own entries, `/sidekick` by default. */
  readonly hidden?: readonly string[];
  /** What a key outside of the prefixes is to the template; a fault by default. */
  readonly outside?: "fault" | "absent";
  /** The language of the source; by default that of its file name extension. */
  readonly language?: "go";
  readonly format: FileFormat;
  /** Makes the text in place of a template; `source` is then the file that has its settings. */
  readonly generator?: GeneratorSettings;
  readonly proxy?: ProxyConfig;
  /** Whether the file is changed alone even if other files have the same proxy, so that none of them can delay it. */
  readonly isApart?: boolean;
}
