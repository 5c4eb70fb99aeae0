import type { Problem } from "../../located/problem.ts";
import { formatPath, nodeAt, type ObjectNode, type Path, type Tree } from "../../located/tree.ts";

/** Checks that there are no counterparts of, and what to use. */
const refusedChecks: Readonly<Record<string, string>> = {
  rabbitmq: "use tcp, or http with the path /api/health/checks/alarms of its management plugin",
  mysql: "use tcp: a login for every check costs the server more than most queries",
  postgresql: "use tcp: a login for every check costs the server more than most queries",
};

/** Reporters that there are no counterparts of, and what to use. */
const refusedReporters: Readonly<Record<string, string>> = {
  serf: "there is no keyspace in Serf: use zookeeper or etcd",
  zookeeper_exhibitor:
    "Exhibitor is not asked for servers: use zookeeper, with their names in zk_hosts",
};

/** The problems with a reason of their own: checks and reporters that are not supported. */
export function refusals(root: ObjectNode): readonly Problem[] {
  const services = root.fields.get("services")?.value;
  if (services?.kind !== "object") return [];
  return [...services.fields].flatMap(([name, { value }]) =>
    serviceRefusals(["services", name], value),
  );
}

function serviceRefusals(path: Path, service: Tree): readonly Problem[] {
  const checks = nodeAt(service, ["checks"]);
  const items = checks?.kind === "list" ? checks.items : [];
  return [
    ...refused([...path, "reporter_type"], nodeAt(service, ["reporter_type"]), refusedReporters),
    ...items.flatMap((check, i) => {
      const at = [...path, "checks", i];
      const module = check.kind === "object" ? check.fields.get("module") : undefined;
      const gem: readonly Problem[] = module
        ? [
            {
              position: module.keyPosition,
              message: `${formatPath([...at, "module"])}: gems of Ruby are not run`,
            },
          ]
        : [];
      return [...refused([...at, "type"], nodeAt(check, ["type"]), refusedChecks), ...gem];
    }),
  ];
}

function refused(
  path: Path,
  node: Tree | undefined,
  reasons: Readonly<Record<string, string>>,
): readonly Problem[] {
  if (node?.kind !== "scalar") return [];
  const name = String(node.value);
  const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined;
  if (reason === undefined) return [];
  return [{ position: node.position, message: `${formatPath(path)} is ${name}: ${reason}` }];
}
