import type { ConsulDeps } from "../../clients/consul/client.ts";
import { type Batch, folderOf } from "../../model/entry.ts";
import type { Keyspace } from "../contract.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import type { KeyspaceConfig } from "../schema.ts";
import { watchStates } from "../states.ts";
import type { ConsulCatalogLocation } from "../url.ts";
import { connect } from "./connect.ts";
import { asFault } from "./errors.ts";
import { serviceStates } from "./follow-services.ts";

/**
 * The services of Consul's catalog as a keyspace: `/web/web-1` for each instance of `web` that passes its checks. Only the services
 * are read that the prefixes of a watch name; the prefix of all keys is all services.
 */
export function createConsulCatalog(
  target: KeyspaceConfig & { readonly location: ConsulCatalogLocation },
  deps: ConsulDeps,
): Keyspace {
  const { url } = target;
  async function* watch(prefixes: readonly string[], signal: AbortSignal): AsyncGenerator<Batch> {
    await using client = connect(target, deps);
    try {
      const states = serviceStates({ url, client }, servicesOf(prefixes), signal);
      yield* watchStates(states, prefixes);
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, url, "read services");
    }
  }
  return readOnlyKeyspace(url, watch);
}

/** The services that prefixes name: `/web` and `/web/web-1` are the service `web`; undefined for all. */
function servicesOf(prefixes: readonly string[]): readonly string[] | undefined {
  const folders = prefixes.map(folderOf);
  if (folders.includes("")) return undefined;
  return [...new Set(folders.map((folder) => folder.split("/")[1] ?? ""))].sort();
}
