import {
  type ConsulCatalogLocation,
  type ConsulLocation,
  type EtcdLocation,
  type Location,
  slashless,
  type ZookeeperLocation,
} from "./url.ts";

/** The URL for display: without user and password. */
export function formatKeyspaceUrl(location: Location): string {
  switch (location.kind) {
    case "file":
      return `file:${location.folder}`;
    case "memory":
    case "none":
    case "env":
      return `${location.kind}:`;
    case "yaml":
      return `yaml:${location.paths.join(",")}`;
    case "srv":
      return location.server ? `srv://${location.server}/${location.name}` : `srv:${location.name}`;
    case "kubernetes": {
      const { server, namespace = "" } = location;
      return server ? `kubernetes://${server}/${namespace}` : `kubernetes:${namespace}`;
    }
    default:
      return formatServers(location);
  }
}

type ServersLocation = EtcdLocation | ZookeeperLocation | ConsulLocation | ConsulCatalogLocation;

function formatServers(location: ServersLocation): string {
  const { tls, endpoints } = location;
  const hosts = endpoints.join(",");
  switch (location.kind) {
    case "etcd":
      return `${tls ? "etcds" : "etcd"}://${hosts}${location.slashless ? slashless : ""}`;
    case "zookeeper":
      return `${tls ? "zks" : "zk"}://${hosts}${location.chroot}`;
    case "consul":
      return `${tls ? "consuls" : "consul"}://${hosts}${location.folder}`;
    case "consul-catalog":
      return `${tls ? "consuls" : "consul"}-catalog://${hosts}`;
  }
}
