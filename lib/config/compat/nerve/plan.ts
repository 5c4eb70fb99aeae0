import type { KeyspaceConfig } from "../../../keyspace/schema.ts";
import type { Verbatim } from "../../../model/instance.ts";
import type { Plan, ServicePlan } from "../../plan.ts";
import { checkOf } from "./checks.ts";
import type { Reporter } from "./reporter.ts";
import type { NerveConfig, NerveService } from "./schema.ts";

/** A service with its reporter. */
export interface Reported {
  readonly name: string;
  readonly service: NerveService;
  readonly reporter: Reporter;
}

/** The TTL of Nerve's sessions of ZooKeeper, in milliseconds. */
const ttlMs = 32_000;

/** The default of `presence.drainDelay` and `presence.shutdownTimeout`, in milliseconds. */
const [drainDelayMs, shutdownTimeoutMs] = [1000, 10_000];

/** The plan of a configuration with at least one service. */
export function planOf(
  { instance_id: instanceId, heartbeat_path: heartbeat }: NerveConfig,
  services: readonly Reported[],
  log: Plan["log"],
): Plan {
  const folders = new Map<string, KeyspaceConfig & { readonly folder: string }>();
  for (const { reporter } of services) {
    const { url } = reporter.keyspace;
    // The first keyspace has all paths, and each other one those below its address.
    const folder =
      folders.size === 0
        ? ""
        : `/${url.replace(/^\w+:(\/\/)?/, "").replaceAll("/", "+") || "unreported"}`;
    if (!folders.has(url)) folders.set(url, { ...reporter.keyspace, folder });
  }
  const [first, ...mounted] = [...folders.values()].map(({ folder, ...keyspace }) => ({
    folder,
    keyspace,
  }));
  if (!first) throw new Error("there is no service");
  const mounts = Object.fromEntries(mounted.map(({ folder, keyspace }) => [folder, keyspace]));
  const taken = new Set<string>();
  return {
    log,
    keyspace: first.keyspace,
    ...(mounted.length > 0 && { mounts }),
    presence: {
      ...{ ttlMs, drainDelayMs, shutdownTimeoutMs },
      ...{ prefix: "/services", format: "nerve", name: instanceId },
      ...(heartbeat !== undefined && { heartbeat }),
      services: services.map((one) => {
        const { folder = "" } = folders.get(one.reporter.keyspace.url) ?? {};
        return serviceOf(one, `${folder}${one.reporter.path}`, instanceId, taken);
      }),
    },
  };
}

/** Adds the key of the service to `taken`: services with the same path have different ones, and nodes with the same name. */
function serviceOf(
  { name, service, reporter }: Reported,
  path: string,
  instanceId: string,
  taken: Set<string>,
): ServicePlan {
  const { host, port, weight, labels, haproxy_server_options: options } = service;
  const isFirst = !taken.has(path);
  taken.add(path);
  const checks = service.check_mocked ? [] : (service.checks ?? []);
  const verbatim = verbatimOf(service);
  const texts = labels && Object.entries(labels).map(([key, value]) => [key, String(value)]);
  return {
    ...{ name, host, port: Number(port), path, form: reporter.form },
    id: isFirst ? instanceId : `${instanceId}+${name}`,
    instance: instanceId,
    ...(weight !== undefined && { weight }),
    ...(options !== undefined && { options }),
    ...(texts && { labels: Object.fromEntries(texts) }),
    ...(verbatim && { verbatim }),
    checks: checks
      .map((check) => checkOf(check, service.check_interval))
      .filter((check) => check !== undefined),
  };
}

/** The fields that Nerve publishes with another type than sidekick does. */
function verbatimOf({ port, labels = {} }: NerveService): Verbatim | undefined {
  const isTyped = Object.values(labels).some((value) => typeof value !== "string");
  if (typeof port !== "string" && !isTyped) return undefined;
  return { ...(typeof port === "string" && { port }), ...(isTyped && { labels }) };
}
