import type { KeyspaceConfig } from "../keyspace/schema.ts";
import { folderOf, isWithin } from "../model/entry.ts";
import type { Problem } from "./located/problem.ts";
import { formatPath, type ObjectNode, positionAt } from "./located/tree.ts";
import type { PresentServiceConfig } from "./present-service-schema.ts";
import type { Config } from "./schema.ts";

/** The settings of entries that their keyspace does not have. */
export function entryProblems(config: Config, root: ObjectNode): readonly Problem[] {
  const { presence } = config;
  if (!presence) return [];
  return presence.services.flatMap((service, i) => {
    const { url, location } = keyspaceOf(service, config);
    const [setting, why] = unsupported(service, location.kind) ?? [];
    if (setting === undefined) return [];
    const path = ["presence", "services", i, setting];
    return [
      { position: positionAt(root, path), message: `${formatPath(path)}: ${why}, not ${url}` },
    ];
  });
}

function keyspaceOf(
  { path, name }: PresentServiceConfig,
  { keyspace, mounts = {}, presence }: Config,
): KeyspaceConfig {
  const folder = folderOf(path ?? `${folderOf(presence?.prefix ?? "")}/${name}`);
  const mounted = Object.entries(mounts)
    .filter(([at]) => isWithin(folder, folderOf(at)))
    .sort(([a], [b]) => b.length - a.length);
  return mounted[0]?.[1] ?? keyspace;
}

type Unsupported = readonly [setting: "entry" | "encodedName" | "nodeName", why: string];

function unsupported(
  { entry = "session", encodedName = false, nodeName }: PresentServiceConfig,
  kind: KeyspaceConfig["location"]["kind"],
): Unsupported | undefined {
  if (encodedName && kind !== "zookeeper") return ["encodedName", "needs a zk:// keyspace"];
  if (kind === "zookeeper" || kind === "etcd") return undefined;
  if (kind === "consul" && entry === "persistent" && nodeName === undefined) return undefined;
  const why =
    entry === "persistent" && nodeName === undefined
      ? "needs a zk://, etcd:// or consul:// keyspace"
      : "needs a zk:// or etcd:// keyspace";
  if (entry !== "session") return ["entry", why];
  return nodeName === undefined ? undefined : ["nodeName", why];
}
