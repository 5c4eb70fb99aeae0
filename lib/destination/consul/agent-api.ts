import type { ConsulClient, ConsulRequest } from "../../clients/consul/client.ts";
import { parseObject } from "../../clients/consul/json.ts";
import type { DestinationDeps } from "../contract.ts";
import { asFault, resultOf } from "./errors.ts";
import type { ServiceDefinition } from "./service.ts";

type Json = Readonly<Record<string, unknown>>;

/** Calls of the agent's API. Each rejects with a retryable fault, or with the reason of its signal. */
export class AgentApi {
  readonly #name: string;
  readonly #at: string;
  readonly #client: ConsulClient;
  readonly #onRequest: DestinationDeps["onRequest"];

  constructor(
    { name, at }: { readonly name: string; readonly at: string },
    client: ConsulClient,
    onRequest: DestinationDeps["onRequest"],
  ) {
    this.#name = name;
    this.#at = at;
    this.#client = client;
    this.#onRequest = onRequest;
  }

  async register(definition: ServiceDefinition, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(definition);
    // A check that an earlier version of the definition had is removed.
    const query = { "replace-existing-checks": "true" };
    const request = { method: "PUT", path: "/agent/service/register", query, body } as const;
    await this.#call(`register ${definition.ID}`, request, signal);
  }

  /** Resolves with false if the agent does not have the check. */
  async pass(checkId: string, signal: AbortSignal): Promise<boolean> {
    const path = `/agent/check/pass/${encodeURIComponent(checkId)}`;
    return await this.#change(`pass the check ${checkId}`, path, {}, signal);
  }

  /** Resolves with false if the agent does not have the service, as the next one. */
  async maintain(id: string, isOn: boolean, signal: AbortSignal): Promise<boolean> {
    const query = { enable: String(isOn), ...(isOn && { reason: "draining" }) };
    const path = `/agent/service/maintenance/${encodeURIComponent(id)}`;
    return await this.#change(`set the maintenance mode of ${id}`, path, query, signal);
  }

  async deregister(id: string, signal: AbortSignal): Promise<boolean> {
    const path = `/agent/service/deregister/${encodeURIComponent(id)}`;
    return await this.#change(`deregister ${id}`, path, {}, signal);
  }

  /** The ids of the services that the agent has. */
  async services(signal: AbortSignal): Promise<ReadonlySet<string>> {
    return new Set(Object.keys(await this.#object("services", signal)));
  }

  async checks(signal: AbortSignal): Promise<readonly Json[]> {
    const checks = Object.values(await this.#object("checks", signal));
    return checks.filter((one): one is Json => typeof one === "object" && one !== null);
  }

  async #object(what: "services" | "checks", signal: AbortSignal): Promise<Json> {
    const action = `list its ${what}`;
    const request = { method: "GET", path: `/agent/${what}` } as const;
    return await this.#call(action, request, signal, (text) => parseObject(text, `its ${what}`));
  }

  async #change(
    action: string,
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const request = { method: "PUT", path, query, accepts: [404] } as const;
    return await this.#call(action, request, signal, (_, status) => status !== 404);
  }

  async #call<T = void>(
    action: string,
    request: ConsulRequest,
    signal: AbortSignal,
    read: (text: string, status: number) => T = () => undefined as T,
  ): Promise<T> {
    try {
      const { text, status } = await this.#client.request(request, signal);
      const result = read(text, status);
      this.#onRequest?.("ok");
      return result;
    } catch (error) {
      signal.throwIfAborted();
      this.#onRequest?.(resultOf(error));
      throw asFault(error, { name: this.#name, at: this.#at, action });
    }
  }
}
