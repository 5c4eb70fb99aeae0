import { type KeyspaceConfig, keyspaceSchema } from "../../../keyspace/schema.ts";
import { folderOf } from "../../../model/entry.ts";
import type { EntryForm } from "../../../model/entry-form.ts";
import type { EtcdService, NerveService, ZookeeperService } from "./schema.ts";

/** Where and how a reporter writes the entry of a service. */
export interface Reporter {
  readonly keyspace: KeyspaceConfig;
  /** The folder of the entry; the empty string for the root. */
  readonly path: string;
  readonly form: EntryForm;
}

/** A setting of a reporter that cannot be used. */
export interface ReporterProblem {
  readonly setting: string;
  readonly why: string;
}

const etcdPort = 4003;

/** The reporter of a service. `instanceId` is the name of its node. */
export function reporterOf(service: NerveService, instanceId: string): Reporter | ReporterProblem {
  switch (service.reporter_type) {
    case "zookeeper":
      return zookeeperReporter(service, instanceId);
    case "etcd":
      return etcdReporter(service, instanceId);
    case "base":
    case "noop":
      // Checked and logged, and visible to no other process.
      return {
        keyspace: keyspaceSchema.parse("memory:"),
        path: "",
        form: {},
      };
  }
}

function zookeeperReporter(
  service: ZookeeperService,
  instanceId: string,
): Reporter | ReporterProblem {
  const {
    zk_hosts,
    zk_path,
    node_type: type = "ephemeral_sequential",
    use_path_encoding,
  } = service;
  const hosts = zk_hosts.map((host) => host.trim()).sort();
  const keyspace = keyspaceAt(`zk://${hosts.join(",")}`, "zk_hosts");
  if ("why" in keyspace) return keyspace;
  const isNumbered = type.endsWith("sequential");
  return {
    keyspace,
    path: folderOf(zk_path),
    form: {
      ...(type.startsWith("persistent") && { isPersistent: true }),
      ...(isNumbered && { isNumbered: true }),
      ...(use_path_encoding && { encodesValue: true }),
      // ZooKeeper appends the number to a name that ends with an underscore.
      name: isNumbered ? instanceId : `${instanceId}_`,
    },
  };
}

function etcdReporter(
  { etcd_host, etcd_port = etcdPort, etcd_path = "/" }: EtcdService,
  instanceId: string,
): Reporter | ReporterProblem {
  const keyspace = keyspaceAt(`etcd://${etcd_host}:${etcd_port}`, "etcd_host");
  if ("why" in keyspace) return keyspace;
  return { keyspace, path: folderOf(etcd_path), form: { isNumbered: true, name: instanceId } };
}

function keyspaceAt(url: string, setting: string): KeyspaceConfig | ReporterProblem {
  const result = keyspaceSchema.safeParse(url);
  if (result.success) return result.data;
  return { setting, why: result.error.issues[0]?.message ?? "it is invalid" };
}
