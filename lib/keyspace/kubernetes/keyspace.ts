import { never, whenAborted } from "../../base/signal.ts";
import { ApiError } from "../../clients/kubernetes/api-error.ts";
import { ApiServer } from "../../clients/kubernetes/api-server.ts";
import { type Batch, folderOf } from "../../model/entry.ts";
import { readCredentials, readToken } from "../access.ts";
import type { Keyspace } from "../contract.ts";
import { faults } from "../faults.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import type { KeyspaceConfig } from "../schema.ts";
import type { KubernetesLocation } from "../url.ts";
import { type Cluster, clusterOf, namespaceOf } from "./cluster.ts";
import { type FollowDeps, followSlices, type SliceChange } from "./follow-slices.ts";
import { selectorOf } from "./selector.ts";
import { ServiceEntries } from "./services.ts";

export interface KubernetesDeps extends FollowDeps {
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The services of a namespace as a keyspace: `/web/10.0.0.1:80`, from its EndpointSlices. An endpoint that terminates and still serves
 * has the weight 0. Of the API server, only the services are read that the prefixes of a watch name.
 */
export function createKubernetesKeyspace(
  { url, location, access }: KeyspaceConfig & { readonly location: KubernetesLocation },
  { env = {}, ...deps }: KubernetesDeps,
): Keyspace {
  async function* watch(prefixes: readonly string[], signal: AbortSignal): AsyncGenerator<Batch> {
    signal.throwIfAborted();
    const selector = selectorOf(prefixes);
    if (selector === undefined) return yield* nothing(signal);
    const cluster = clusterOf({ url, location, access }, env);
    const namespace = await namespaceOf(location, cluster, url);
    await using api = await connect(cluster, signal);
    const entries = new ServiceEntries(prefixes.map(folderOf));
    try {
      yield* batches(entries, followSlices(api, { namespace, selector }, deps, signal));
    } catch (error) {
      throw faultOf(error, url, namespace);
    }
  }

  async function connect({ origin, access: own }: Cluster, signal: AbortSignal) {
    const target = { url, access: own };
    const tls = await readCredentials(target, signal);
    return new ApiServer({ origin, tls, token: () => readToken(target, signal) });
  }
  return readOnlyKeyspace(url, watch);
}

async function* batches(
  entries: ServiceEntries,
  changes: AsyncIterable<SliceChange>,
): AsyncGenerator<Batch> {
  let isFirst = true;
  for await (const change of changes) {
    const { revision } = change;
    const { put, gone } = entries.after(change);
    if (isFirst) yield { kind: "reset", revision, entries: put };
    else if (put.size > 0 || gone.length > 0) yield { kind: "delta", revision, put, gone };
    isFirst = false;
  }
}

/** The watch of prefixes that no service can have. */
async function* nothing(signal: AbortSignal): AsyncGenerator<Batch> {
  yield { kind: "reset", revision: "0", entries: new Map() };
  await whenAborted(signal, never);
  signal.throwIfAborted();
}

function faultOf(error: unknown, url: string, namespace: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const what = `list the EndpointSlices of the namespace ${namespace}`;
  if (error.status === 401)
    return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "authentication failed" }, error);
  if (error.status === 403)
    return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "permission denied" }, error);
  if (error.status !== undefined) return faults.KEYSPACE_REFUSED({ url, what }, error);
  return faults.KEYSPACE_UNREACHABLE({ url }, error);
}
