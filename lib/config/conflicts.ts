import { resolve } from "node:path";
import { isReadOnly } from "../keyspace/url.ts";
import { formatAddress } from "../model/endpoint.ts";
import { folderOf } from "../model/entry.ts";
import { destinationConflicts } from "./destination-conflicts.ts";
import { formatPosition, type Problem } from "./located/problem.ts";
import {
  formatPath,
  nodeAt,
  type ObjectNode,
  type Path,
  plainValue,
  type Tree,
} from "./located/tree.ts";
import { mountConflicts } from "./mount-conflicts.ts";
import { turnsProblems } from "./turns-problems.ts";

/**
 * Problems that involve several settings. Found even if single values are invalid, so that all problems are reported
 * at once.
 */
export function conflicts(root: ObjectNode): readonly Problem[] {
  return [
    ...withoutSections(root),
    ...mountConflicts(root),
    ...destinationConflicts(root),
    ...withoutKeyspace(root),
    ...readOnly(root),
    ...turnsProblems(root),
    ...duplicates(root, { list: ["watch", "templates"], field: "target", identityOf: targetOf }),
    ...duplicates(root, { list: ["presence", "services"], identityOf: keyOf }),
    ...duplicates(root, { list: ["presence", "services"], identityOf: keyAtPath }),
  ];
}

function withoutSections({ fields, position }: ObjectNode): readonly Problem[] {
  if (["presence", "watch", "exec"].some((name) => fields.has(name))) return [];
  const message = "there is nothing to do: expected a section presence, watch or exec";
  return [{ position, message }];
}

/** Instances cannot be registered in a keyspace that is made of files or variables. */
function readOnly(root: ObjectNode): readonly Problem[] {
  const node = nodeAt(root, ["keyspace", "url"]) ?? nodeAt(root, ["keyspace"]);
  const url = node && plainValue(node);
  if (!node || typeof url !== "string" || !isReadOnly(url) || !root.fields.has("presence"))
    return [];
  const message = `the keyspace ${url} is read only: instances cannot be registered there`;
  return [{ position: node.position, message }];
}

/** Without a keyspace there is nothing to follow, and instances are registered in destinations only. */
function withoutKeyspace(root: ObjectNode): readonly Problem[] {
  const node = nodeAt(root, ["keyspace", "url"]) ?? nodeAt(root, ["keyspace"]);
  if (!node || plainValue(node) !== "none:") return [];
  const message = root.fields.has("watch")
    ? "the keyspace is none: a watcher needs one"
    : "the keyspace is none: expected presence.destinations";
  const isUsable = !root.fields.has("watch") && hasDestinations(root);
  return isUsable ? [] : [{ position: node.position, message }];
}

/** Whether instances are registered in any place beside the keyspace. */
export function hasDestinations(root: ObjectNode): boolean {
  const node = nodeAt(root, ["presence", "destinations"]);
  return node?.kind === "list" && node.items.length > 0;
}

/** Items that must be unique in a list. */
interface Uniqueness {
  readonly list: Path;
  /** The field that has to differ; left out where the key in the keyspace does, which several fields make up. */
  readonly field?: string;
  /** Undefined where it is unknown; such items are skipped. */
  readonly identityOf: (item: Tree) => string | undefined;
}

function duplicates(root: ObjectNode, unique: Uniqueness): readonly Problem[] {
  const { list, field, identityOf } = unique;
  const problems: Problem[] = [];
  const seen = new Map<string, Tree>();
  const node = nodeAt(root, list);
  for (const [i, item] of (node?.kind === "list" ? node.items : []).entries()) {
    const id = identityOf(item);
    if (id === undefined) continue;
    const path = field === undefined ? [...list, i] : [...list, i, field];
    const here = nodeAt(root, path) ?? item;
    const before = seen.get(id);
    if (!before) {
      seen.set(id, here);
      continue;
    }
    const other = formatPosition(before.position);
    const message = `${formatPath(path)} has the same ${field ?? "key in the keyspace"} as the one at ${other}: ${id}`;
    problems.push({ position: here.position, message });
  }
  return problems;
}

function targetOf(template: Tree): string | undefined {
  const target = nodeAt(template, ["target"]);
  const path = target && plainValue(target);
  return target && typeof path === "string" ? resolve(target.position.folder, path) : undefined;
}

/** `<service>/<id>` */
function keyOf(service: Tree): string | undefined {
  const [name, id] = [textIn(service, "name"), idOf(service)];
  return name && id ? `${name}/${id}` : undefined;
}

/** The key of an instance with a path of its own. */
function keyAtPath(service: Tree): string | undefined {
  const [path, id] = [textIn(service, "path"), idOf(service)];
  return path && id ? `${folderOf(path)}/${id}` : undefined;
}

/** The address unless it is set. */
function idOf(service: Tree): string | undefined {
  const [host, port] = [textIn(service, "host"), textIn(service, "port")];
  const address = host && port ? formatAddress({ host, port: Number(port) }) : undefined;
  return textIn(service, "id") ?? address;
}

function textIn(service: Tree, field: string): string | undefined {
  const node = nodeAt(service, [field]);
  return node?.kind === "scalar" ? String(node.value) : undefined;
}
