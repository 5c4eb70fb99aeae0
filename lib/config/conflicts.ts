import { resolve } from "node:path";
import { formatAddress } from "../model/endpoint.ts";
import { type Problem, place } from "./located/problem.ts";
import { find, type ObjectNode, type Path, pathText, plain, type Tree } from "./located/tree.ts";

/** What no single value is to blame for. It is looked for even where values are wrong, so all is said at once. */
export function conflicts(section: ObjectNode): readonly Problem[] {
  return [
    ...nothingToDo(section),
    ...twice(section, ["watch", "templates"], "target", "target", targetOf),
    ...twice(section, ["presence", "services"], undefined, "key in the keyspace", keyOf),
  ];
}

function nothingToDo(section: ObjectNode): readonly Problem[] {
  if (section.fields.has("presence") || section.fields.has("watch")) return [];
  const says = "there is nothing to do: expected a section presence, or watch, or both";
  return [{ mark: section.mark, message: says }];
}

/** Items of a list that must differ in something, and do not. */
function twice(
  section: ObjectNode,
  list: Path,
  field: string | undefined,
  what: string,
  identity: (item: Tree) => string | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, Tree>();
  const items = find(section, list);
  for (const [i, item] of (items?.kind === "list" ? items.items : []).entries()) {
    const id = identity(item);
    if (id === undefined) continue;
    const path = field === undefined ? [...list, i] : [...list, i, field];
    const here = find(section, path) ?? item;
    const before = seen.get(id);
    if (before) {
      const says = `${pathText(path)} has the same ${what} as the one at ${place(before.mark)}: ${id}`;
      problems.push({ mark: here.mark, message: says });
    } else {
      seen.set(id, here);
    }
  }
  return problems;
}

function targetOf(template: Tree): string | undefined {
  const target = find(template, ["target"]);
  const path = target && plain(target);
  return target && typeof path === "string" ? resolve(target.mark.folder, path) : undefined;
}

/** `<service>/<id>`: the id is the address unless it is set. */
function keyOf(service: Tree): string | undefined {
  const text = (field: string): string | undefined => {
    const found = find(service, [field]);
    return found?.kind === "scalar" ? String(found.value) : undefined;
  };
  const [name, host, port] = [text("name"), text("host"), text("port")];
  const address = host && port ? formatAddress({ host, port: Number(port) }) : undefined;
  const id = text("id") ?? address;
  return name && id ? `${name}/${id}` : undefined;
}
