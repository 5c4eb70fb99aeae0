import { isDeepStrictEqual } from "node:util";
import { formatDuration } from "../../base/duration.ts";
import type { ConsulClient } from "../../clients/consul/client.ts";
import type { Instance } from "../../model/instance.ts";
import type { Destination, DestinationDeps, Observed, Pace, Wanted } from "../contract.ts";
import { AgentApi } from "./agent-api.ts";
import { connect } from "./connect.ts";
import type { ConsulConfig } from "./schema.ts";
import {
  checkId,
  definitionOf,
  isInMaintenance,
  type ServiceDefinition,
  serviceId,
} from "./service.ts";

/** The agent of Consul as a destination. */
export function createConsulAgent(config: ConsulConfig, deps: DestinationDeps): Destination {
  const name = `consul/${new URL(config.url).host}`;
  const client = connect(name, config, deps);
  const api = new AgentApi({ name, at: config.url }, client, deps.onRequest);
  return new ConsulAgent(name, config, api, client);
}

/** As the agent has it, by requests of this process that it has accepted. */
interface Registered {
  readonly definition: ServiceDefinition;
  readonly isInMaintenance: boolean;
}

/**
 * Registers an instance as a service with a TTL check, whose clock begins anew with each `register`: a service of an agent that is
 * killed becomes critical. A draining one is in maintenance mode. What the agent has lost is registered again.
 */
class ConsulAgent implements Destination {
  readonly name: string;
  readonly pace: Pace;
  readonly keepsDraining = true;
  readonly #config: ConsulConfig;
  readonly #api: AgentApi;
  readonly #client: ConsulClient;
  readonly #registered = new Map<string, Registered>();

  constructor(name: string, config: ConsulConfig, api: AgentApi, client: ConsulClient) {
    this.name = name;
    this.#config = config;
    this.#api = api;
    this.#client = client;
    const third = config.ttl / 3;
    // Asserted again after a third of the TTL, or half of it with jitter.
    this.pace = {
      transitionMs: Math.min(1000, third),
      reassertMs: third,
      backoff: { firstMs: Math.min(500, third), maxMs: third },
    };
  }

  describe(): readonly string[] {
    const { url, ttl } = this.#config;
    return [`agent ${url}`, `TTL ${formatDuration(ttl)}`];
  }

  registrationOf(instance: Instance): string {
    return serviceId(instance);
  }

  async register(instances: readonly Wanted[], signal: AbortSignal): Promise<void> {
    await eachOf(instances, (wanted) => this.#register(wanted, signal));
  }

  async deregister(instances: readonly Wanted[], signal: AbortSignal): Promise<void> {
    await eachOf(instances, async ({ instance }) => {
      const id = serviceId(instance);
      await this.#api.deregister(id, signal);
      this.#registered.delete(id);
    });
  }

  async observe(
    instances: readonly Wanted[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Observed>> {
    const services = await this.#api.services(signal);
    const checks = await this.#api.checks(signal);
    const observed = instances.map(({ name, instance }): [string, Observed] => {
      const id = serviceId(instance);
      if (!services.has(id)) return [name, { state: "absent", why: "" }];
      return [name, observedOf(checks.filter(({ ServiceID }) => ServiceID === id))];
    });
    return new Map(observed);
  }

  /** Consul's readers decide themselves what to do without a healthy instance, such as to go to another datacenter. */
  async servesWithout(): Promise<boolean> {
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async #register(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { instance } = wanted;
    const id = serviceId(instance);
    const definition = definitionOf(wanted, this.#config);
    const is = { definition, isInMaintenance: isInMaintenance(wanted) };
    const known = this.#registered.get(id);
    const isSame = isDeepStrictEqual(known?.definition, definition);
    if (isSame && known?.isInMaintenance === is.isInMaintenance) {
      if (await this.#api.pass(checkId(instance), signal)) return;
    }
    this.#registered.delete(id);
    await this.#api.register(definition, signal);
    // The mode outlives the process, and even the agent's.
    await this.#api.maintain(id, is.isInMaintenance, signal);
    await this.#api.pass(checkId(instance), signal);
    this.#registered.set(id, is);
  }
}

type Check = Readonly<Record<string, unknown>>;

/** By the checks of a service. */
function observedOf(checks: readonly Check[]): Observed {
  const isMaintenance = ({ CheckID }: Check) => String(CheckID).startsWith("_service_maintenance");
  const mode = checks.find(isMaintenance);
  if (mode) return { state: "draining", why: whyOf(mode) };
  const critical = checks.find(({ Status }) => Status === "critical");
  if (critical) return { state: "failing", why: whyOf(critical) };
  return { state: "serving", why: "" };
}

function whyOf({ Name, Output }: Check): string {
  return [Name, Output].filter(Boolean).map(String).join(": ").slice(0, 200);
}

/** One that is rejected does not keep the others from their turn: the first error is thrown after that. */
async function eachOf(
  instances: readonly Wanted[],
  work: (wanted: Wanted) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(instances.map(work));
  const failed = results.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}
