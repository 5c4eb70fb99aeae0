import { formatPosition, type Problem } from "./located/problem.ts";
import { formatPath, nodeAt, type ObjectNode, plainValue, type Tree } from "./located/tree.ts";

const list = ["presence", "destinations"];

/** Destinations that are listed twice, and services of destinations that this machine does not have. */
export function destinationConflicts(root: ObjectNode): readonly Problem[] {
  const node = nodeAt(root, list);
  const items = node?.kind === "list" ? node.items : [];
  const names = serviceNames(root);
  return [
    ...duplicates(items),
    ...(names ? items.flatMap((item, i) => unknownServices(item, i, names)) : []),
  ];
}

function duplicates(items: readonly Tree[]): readonly Problem[] {
  const seen = new Map<string, Tree>();
  return items.flatMap((item, i) => {
    const identity = identityOf(item);
    if (identity === undefined) return [];
    const before = seen.get(identity);
    if (!before) {
      seen.set(identity, item);
      return [];
    }
    const other = formatPosition(before.position);
    const message = `${formatPath([...list, i])} is the same destination as the one at ${other}: list its services in one`;
    return [{ position: item.position, message }];
  });
}

/** Undefined for one that has several kinds, or none. */
function identityOf(item: Tree): string | undefined {
  if (item.kind !== "object") return undefined;
  const kinds = [...item.fields.keys()].filter((key) => key !== "services");
  const [kind = ""] = kinds;
  const settings = nodeAt(item, [kind]);
  if (kinds.length !== 1 || settings?.kind !== "object") return undefined;
  const parts = ["name", "arn", "url", "region"].map((field) => {
    const value = nodeAt(settings, [field]);
    return value ? plainValue(value) : "";
  });
  return JSON.stringify([kind, ...parts]);
}

function unknownServices(item: Tree, i: number, names: ReadonlySet<string>): readonly Problem[] {
  const services = nodeAt(item, ["services"]);
  if (services?.kind !== "list") return [];
  return services.items.flatMap((service, j) => {
    const name = plainValue(service);
    if (typeof name !== "string" || names.has(name)) return [];
    const path = formatPath([...list, i, "services", j]);
    const message = `${path} is ${name}, which is not the name of a service in presence.services`;
    return [{ position: service.position, message }];
  });
}

/** Undefined where the services of containers are not known. */
function serviceNames(root: ObjectNode): ReadonlySet<string> | undefined {
  if (nodeAt(root, ["presence", "docker"])) return undefined;
  const services = nodeAt(root, ["presence", "services"]);
  const items = services?.kind === "list" ? services.items : [];
  const names = items.map((item) => nodeAt(item, ["name"])).map((node) => node && plainValue(node));
  return new Set(names.filter((name) => typeof name === "string"));
}
