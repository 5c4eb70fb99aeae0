import type { Level } from "../base/log.ts";
import type { Backoff } from "../base/retry.ts";
import type { DockerSettings } from "../discover/docker/schema.ts";
import type { Service } from "../discover/static.ts";
import type { CheckConfig } from "../health/kinds.ts";
import type { InstallTarget } from "../install/contract.ts";
import type { KeyspaceConfig } from "../keyspace/schema.ts";
import type { Format as ValueFormat } from "../model/encode.ts";
import type { Address } from "../model/endpoint.ts";
import { folderOf } from "../model/entry.ts";
import type { ProxyConfig } from "../proxy/kinds.ts";
import { formatOf } from "../render/escape/format-of.ts";
import type { Format as FileFormat } from "../render/escape/kinds.ts";
import type { GuardRule, GuardRules } from "../view/contract.ts";
import type { Settling } from "../view/settle.ts";
import type { Config } from "./schema.ts";

/** What was asked for, checked and complete. Frozen; paths are absolute, durations milliseconds. */
export interface Plan {
  readonly log: Level;
  readonly keyspace: KeyspaceConfig;
  readonly presence?: PresencePlan;
  readonly watch?: WatchPlan;
  readonly status?: StatusPlan;
}

export interface StatusPlan {
  /** The agent's own unix socket, where it is not the one that everybody finds. */
  readonly socket?: string;
  /** Where everybody may look, by HTTP. */
  readonly listen?: Address;
}

export interface PresencePlan {
  readonly ttlMs: number;
  readonly shutdownTimeoutMs: number;
  /** How long instances that leave have weight 0 before they are removed. */
  readonly drainDelayMs: number;
  /** The folder of the keyspace where instances are announced: `/services`. */
  readonly prefix: string;
  readonly format: ValueFormat;
  /** The machine's name. */
  readonly name: string;
  readonly services: readonly ServicePlan[];
  /** Where containers are found, if they are to be. */
  readonly docker?: DockerSettings;
}

export type ServicePlan = Service & { readonly checks: readonly CheckConfig[] };

export interface WatchPlan {
  /** The folder of the keyspace whose sub-folders are the services. */
  readonly services: string;
  readonly settle: Settling;
  readonly retry: Backoff;
  readonly guard: GuardRules;
  /** Whether those who leave are told what is in force. */
  readonly acknowledge: boolean;
  /** The file that keeps what is known of the keyspace; false for none, and undefined for the usual one. */
  readonly snapshotCache?: string | false;
  readonly templates: readonly TemplatePlan[];
}

export interface TemplatePlan {
  /** As the configuration has it: the name to look for among the shipped templates. */
  readonly name: string;
  /** The file to look for first. */
  readonly source: string;
  readonly target: InstallTarget;
  /** The folders of the keyspace that the template may look at. */
  readonly prefixes: readonly string[];
  readonly format: FileFormat;
  readonly proxy?: ProxyConfig;
}

/** The plan that a valid configuration asks for. `names` are the templates' as they were written. */
export function planOf(config: Config, names: readonly string[], hostName: string): Plan {
  const { log, keyspace, presence, watch, status } = config;
  return frozen({
    log,
    keyspace,
    ...(presence && { presence: presenceOf(presence, hostName) }),
    ...(watch && { watch: watchOf(watch, names) }),
    ...(status && { status: statusOf(status) }),
  });
}

function presenceOf(
  { ttl, shutdownTimeout, drainDelay, docker, prefix, ...rest }: NonNullable<Config["presence"]>,
  hostName: string,
): PresencePlan {
  return {
    ...rest,
    ttlMs: ttl,
    shutdownTimeoutMs: shutdownTimeout,
    drainDelayMs: Math.min(drainDelay, shutdownTimeout / 2),
    prefix: folderOf(prefix),
    name: rest.name ?? hostName,
    ...(docker && { docker }),
  };
}

function watchOf(
  {
    services,
    settle,
    retry,
    guard,
    acknowledge,
    snapshotCache,
    templates,
  }: NonNullable<Config["watch"]>,
  names: readonly string[],
): WatchPlan {
  return {
    services: folderOf(services),
    settle: { quietMs: settle.quiet, atMostMs: settle.atMost },
    retry: { firstMs: retry.first, maxMs: retry.atMost },
    guard: guardOf(guard),
    acknowledge,
    ...(snapshotCache !== undefined && { snapshotCache }),
    templates: templates.map((template, i) => templateOf(template, names[i] ?? template.source)),
  };
}

type GuardConfig = NonNullable<Config["watch"]>["guard"];

/** What a service's own rule leaves out is as it is for all. */
function guardOf({ services, maxLoss, min, retain: retainMs, keepEmpty }: GuardConfig): GuardRules {
  const all: GuardRule = { maxLoss, min, retainMs, keepEmpty };
  const own = Object.entries(services).map(([name, rule]) => [
    name,
    {
      maxLoss: rule.maxLoss ?? maxLoss,
      min: rule.min ?? min,
      retainMs: rule.retain ?? retainMs,
      keepEmpty: rule.keepEmpty ?? keepEmpty,
    },
  ]);
  return { all, services: Object.fromEntries(own) };
}

function statusOf({ socket, listen }: NonNullable<Config["status"]>): StatusPlan {
  return { ...(socket !== undefined && { socket }), ...(listen && { listen }) };
}

type TemplateConfig = NonNullable<Config["watch"]>["templates"][number];

function templateOf(
  { source, target, prefixes, format, mode, check, proxy }: TemplateConfig,
  name: string,
): TemplatePlan {
  return {
    name,
    source,
    target: {
      path: target,
      ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
      ...(check && { check }),
    },
    prefixes: prefixes.map(folderOf),
    format: format ?? formatOf(target, proxy?.type),
    ...(proxy && { proxy }),
  };
}

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}
