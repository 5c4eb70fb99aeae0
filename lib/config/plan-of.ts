import { isReadOnly } from "../keyspace/url.ts";
import { folderOf } from "../model/entry.ts";
import type { EntryForm } from "../model/entry-form.ts";
import type { GuardRule, GuardRules } from "../view/contract.ts";
import { promptSettling } from "../view/settle.ts";
import { execSchema } from "./exec-schema.ts";
import type {
  ExecPlan,
  Plan,
  PresencePlan,
  ServicePlan,
  StatusPlan,
  TogetherPlan,
  WatchPlan,
} from "./plan.ts";
import { policiesOf } from "./policies-of.ts";
import type { PresentServiceConfig } from "./present-service-schema.ts";
import type { Config } from "./schema.ts";
import { serviceFolders, sourcesOf } from "./source-of.ts";
import { templateOf } from "./template-plan.ts";
import { trustOf } from "./trust-plan.ts";

/** The plan of a valid configuration. `names` are the sources of the templates as they are written. */
export function planOf(config: Config, names: readonly string[], hostName: string): Plan {
  const { log, keyspace, mounts, presence, watch, exec, status } = config;
  return deepFreeze({
    log,
    keyspace,
    ...(mounts && { mounts: mountsOf(mounts) }),
    ...(presence && { presence: presenceOf(presence, hostName) }),
    ...(watch && { watch: watchOf(watch, names, config) }),
    ...(exec && { exec: execOf(exec) }),
    ...(status && { status: statusOf(status) }),
  });
}

function mountsOf(mounts: NonNullable<Config["mounts"]>): NonNullable<Plan["mounts"]> {
  const byFolder = Object.entries(mounts).map(([folder, config]) => [folderOf(folder), config]);
  return Object.fromEntries(byFolder);
}

function presenceOf(
  {
    ttl,
    shutdownTimeout,
    drainDelay,
    docker,
    maxProbes,
    tripwire,
    prefix,
    services,
    heartbeat,
    waitServed,
    stamp,
    sign,
    heed,
    destinations,
    ...rest
  }: NonNullable<Config["presence"]>,
  hostName: string,
): PresencePlan {
  return {
    ...rest,
    ttlMs: ttl,
    shutdownTimeoutMs: shutdownTimeout,
    drainDelayMs: Math.min(drainDelay, shutdownTimeout / 2),
    prefix: folderOf(prefix),
    services: services.map(serviceOf),
    ...(heartbeat !== undefined && { heartbeat }),
    ...(waitServed && { waitServed }),
    ...(stamp && { stamp }),
    ...(sign && { sign: { keyFile: sign.key, keyName: sign.id, validityMs: sign.validity } }),
    ...(heed && { heed: { share: heed.proxies, forMs: heed.for, retryMs: heed.retry } }),
    name: rest.name ?? hostName,
    ...(maxProbes !== undefined && { maxProbes }),
    ...(tripwire !== undefined && { tripwire }),
    ...(docker && { docker }),
    ...(destinations.length > 0 && { destinations }),
  };
}

function serviceOf({
  path,
  entry,
  encodedName = false,
  nodeName,
  ...service
}: PresentServiceConfig): ServicePlan {
  const isSpecial = entry !== undefined || encodedName || nodeName !== undefined;
  const form: EntryForm = {
    ...(entry?.startsWith("persistent") && { isPersistent: true }),
    ...(/sequential/i.test(entry ?? "") && { isNumbered: true }),
    ...(encodedName && { encodesValue: true }),
    ...(nodeName !== undefined && { name: nodeName }),
  };
  return {
    ...service,
    ...(path !== undefined && { path: folderOf(path) }),
    ...(isSpecial && { form }),
  };
}

/** By default, a reload waits until no change has arrived for so many milliseconds. */
const reloadQuietMs = 50;

function watchOf(
  {
    root = "",
    services,
    sources,
    settle,
    retry,
    limits,
    guard,
    policies,
    trust,
    resolve,
    refresh: refreshMs,
    acknowledge,
    drift,
    observe,
    snapshotCache,
    together,
    templates,
  }: NonNullable<Config["watch"]>,
  names: readonly string[],
  { keyspace, mounts = {} }: Pick<Config, "keyspace" | "mounts">,
): WatchPlan {
  const canWrite = [keyspace, ...Object.values(mounts)].some(({ url }) => !isReadOnly(url));
  const mounted = Object.keys(mounts).map(folderOf);
  const common = folderOf(root);
  const named = sourcesOf(sources ?? {}, common);
  const folder = services === false ? services : common + folderOf(services);
  const place = { root: common, services: serviceFolders(folder, named), mounted };
  return {
    services: folder,
    ...(sources && { sources: named }),
    settle: { quietMs: settle.quiet ?? reloadQuietMs, atMostMs: settle.atMost },
    ...(settle.quiet === undefined && { promptSettle: promptSettling(settle.atMost) }),
    retry: { firstMs: retry.first, maxMs: retry.atMost },
    limits,
    guard: guardOf(guard),
    ...(policies && { policies: policiesOf(policies) }),
    ...(trust && { trust: trustOf(trust, mounted) }),
    resolve,
    acknowledge: acknowledge && canWrite,
    drift,
    ...(observe && { observeMs: observe.interval }),
    ...(together && { together: togetherOf(together) }),
    ...(snapshotCache !== undefined && { snapshotCache }),
    ...(refreshMs !== undefined && { refreshMs }),
    templates: templates.map((template, i) =>
      templateOf(template, names[i] ?? template.source ?? "", place),
    ),
  };
}

function togetherOf({
  hold: holdMs,
  settle: settleMs,
  otherwise: { wait: waitMs, then },
  ...rest
}: NonNullable<NonNullable<Config["watch"]>["together"]>): TogetherPlan {
  return { ...rest, holdMs, settleMs, otherwise: { waitMs, isAlone: then === "alone" } };
}

type GuardConfig = NonNullable<Config["watch"]>["guard"];

/** A service's rule inherits the settings that it leaves out. */
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

function execOf({ run, stopTimeout, prefixes, ...rest }: NonNullable<Config["exec"]>): ExecPlan {
  return {
    ...rest,
    ...(run && { run }),
    stopTimeoutMs: stopTimeout,
    prefixes: prefixes.map(folderOf),
  };
}

/** The settings of a program for a configuration that has none. */
export function defaultExec(): ExecPlan {
  return execOf(execSchema.parse({}));
}

function statusOf({ socket, listen, hosts, page }: NonNullable<Config["status"]>): StatusPlan {
  return {
    ...(socket !== undefined && { socket }),
    ...(listen && { listen }),
    ...(hosts.length > 0 && { hosts }),
    ...(page && { page }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
