import type { Problem } from "../../located/problem.ts";
import { formatPath, type ObjectNode, type Path, type Tree } from "../../located/tree.ts";
import { movedSettings, refusedMethods, refusedResolvers } from "./refused.ts";

/** The problems with a name of their own: discovery methods, resolvers, and settings at a former place. */
export function refusals(root: ObjectNode): readonly Problem[] {
  const services = root.fields.get("services")?.value;
  if (services?.kind === "list") {
    const message =
      "services is a list, as in versions before 0.2: expected an object, by the names";
    return [{ position: services.position, message }];
  }
  if (services?.kind !== "object") return [];
  return [...services.fields].flatMap(([name, { value }]) =>
    serviceRefusals(["services", name], value),
  );
}

function serviceRefusals(path: Path, service: Tree): readonly Problem[] {
  if (service.kind !== "object") return [];
  const moved = [...service.fields].flatMap(([key, { keyPosition }]): readonly Problem[] => {
    const now = Object.hasOwn(movedSettings, key) ? movedSettings[key] : undefined;
    if (now === undefined) return [];
    const message = `${formatPath([...path, key])} is a setting of former versions: write ${formatPath(path)}.${now}`;
    return [{ position: keyPosition, message }];
  });
  const methods = ["discovery", "discovery_multi"].flatMap((key) =>
    methodRefusals([...path, key], service.fields.get(key)?.value),
  );
  return [...moved, ...methods];
}

function methodRefusals(path: Path, discovery: Tree | undefined): readonly Problem[] {
  if (discovery?.kind !== "object") return [];
  const watchers = discovery.fields.get("watchers")?.value;
  const below = watchers?.kind === "object" ? [...watchers.fields] : [];
  return [
    ...refused([...path, "method"], discovery, refusedMethods),
    ...refused(
      [...path, "resolver", "method"],
      discovery.fields.get("resolver")?.value,
      refusedResolvers,
    ),
    ...below.flatMap(([name, { value }]) => methodRefusals([...path, "watchers", name], value)),
  ];
}

function refused(
  path: Path,
  parent: Tree | undefined,
  reasons: Readonly<Record<string, string>>,
): readonly Problem[] {
  const method = parent?.kind === "object" ? parent.fields.get("method")?.value : undefined;
  if (method?.kind !== "scalar") return [];
  const name = String(method.value);
  const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined;
  if (reason === undefined) return [];
  return [{ position: method.position, message: `${formatPath(path)} is ${name}: ${reason}` }];
}
