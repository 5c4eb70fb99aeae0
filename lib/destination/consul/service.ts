import type { Instance } from "../../model/instance.ts";
import type { Wanted } from "../contract.ts";

/** As the agent takes it: https://developer.hashicorp.com/consul/api-docs/agent/service#register-service */
export interface ServiceDefinition {
  readonly ID: string;
  readonly Name: string;
  readonly Address: string;
  readonly Port: number;
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
  readonly Check: Readonly<Record<string, string>>;
}

export interface CheckTimes {
  /** In milliseconds, as the next one. */
  readonly ttl: number;
  readonly deregisterAfter: number;
}

/** Consul's limits of metadata. */
const [maxPairs, maxKeyLength, maxValueLength] = [64, 128, 512];

/** The id of the service of an instance, which is unique in the agent. */
export function serviceId({ service, id }: Instance): string {
  return `${service}:${id}`;
}

export function checkId(instance: Instance): string {
  return `service:${serviceId(instance)}`;
}

/** Whether it gets no new requests: its service is in maintenance mode. */
export function isInMaintenance({ instance, isDraining }: Wanted): boolean {
  return isDraining || instance.weight === 0;
}

export function definitionOf(wanted: Wanted, times: CheckTimes): ServiceDefinition {
  const { instance } = wanted;
  const { service, host, port, weight = 1, labels = {} } = instance;
  const { tags = "", ...meta } = labels;
  const seconds = (ms: number) => `${Math.ceil(ms / 1000)}s`;
  return {
    ID: serviceId(instance),
    Name: service,
    Address: host,
    Port: port,
    Tags: tags.split(",").filter(Boolean),
    Meta: metaOf(meta),
    // Consul requires a weight above 0.
    Weights: { Passing: Math.max(1, weight), Warning: 1 },
    Check: {
      CheckID: checkId(instance),
      Name: "sidekick",
      TTL: seconds(times.ttl),
      DeregisterCriticalServiceAfter: seconds(times.deregisterAfter),
      // Only healthy instances are registered: it need not be critical until the check passes first. One that drains gets no
      // request before its maintenance mode is set.
      Status: isInMaintenance(wanted) ? "critical" : "passing",
    },
  };
}

/** The labels that Consul takes: others would make it reject the service. */
function metaOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const taken = Object.entries(labels)
    .map(([name, value]): [string, string] => [name.replaceAll(/[^A-Za-z0-9_-]/g, "_"), value])
    .filter(([name, value]) => name.length <= maxKeyLength && value.length <= maxValueLength)
    .filter(([name]) => !/^consul-/i.test(name));
  return Object.fromEntries(taken.slice(0, maxPairs));
}
