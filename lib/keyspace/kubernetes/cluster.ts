import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatAddress } from "../../model/endpoint.ts";
import { faults } from "../faults.ts";
import type { Access, KeyspaceConfig } from "../schema.ts";
import type { KubernetesLocation } from "../url.ts";

/** An API server, and how to authenticate there. */
export interface Cluster {
  readonly origin: string;
  readonly access: Access;
  /** The folder with the files of a pod's service account; undefined outside of a cluster. */
  readonly account: string | undefined;
}

/** Where Kubernetes places the files of a pod's service account. */
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The server of the URL; else that of the cluster in which this process runs, with the CA certificate and the token of its pod where
 * the configuration has none. Throws KEYSPACE_NO_CLUSTER.
 */
export function clusterOf(
  { url, location, access }: KeyspaceConfig & { readonly location: KubernetesLocation },
  env: Readonly<Record<string, string | undefined>>,
  account = accountFolder,
): Cluster {
  if (location.server !== undefined) {
    return { origin: `https://${location.server}`, access, account: undefined };
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) throw faults.KEYSPACE_NO_CLUSTER({ url });
  const [ca, tokenFile] = [join(account, "ca.crt"), join(account, "token")];
  const isAuthenticated = access.token ?? access.tokenFile ?? access.cert;
  return {
    origin: `https://${formatAddress({ host, port: Number(port) })}`,
    access: { ca, ...(!isAuthenticated && { tokenFile }), ...access },
    account,
  };
}

/** The namespace of the URL, else that of the pod, else `default`. Throws KEYSPACE_NO_CLUSTER. */
export async function namespaceOf(
  { namespace }: KubernetesLocation,
  { account }: Cluster,
  url: string,
): Promise<string> {
  if (namespace !== undefined) return namespace;
  if (account === undefined) return "default";
  try {
    return (await readFile(join(account, "namespace"), "utf8")).trim();
  } catch (error) {
    throw faults.KEYSPACE_NO_CLUSTER({ url }, error);
  }
}
