import type { Problem } from "../../lib/config/located/problem.ts";
import { nodeAt, type ObjectNode } from "../../lib/config/located/tree.ts";
import { folderOf, ownFolders } from "../../lib/model/entry.ts";
import { inspect } from "../../lib/render/inspect.ts";
import { Prefixes } from "../../lib/render/prefixes.ts";

/** The mistakes in the templates of `exec.env` that can be found without data, each at the variable. */
export function variableProblems(root: ObjectNode): readonly Problem[] {
  const env = nodeAt(root, ["exec", "env"]);
  if (env?.kind !== "object") return [];
  const mounts = nodeAt(root, ["mounts"]);
  const mounted = mounts?.kind === "object" ? [...mounts.fields.keys()].map(folderOf) : [];
  const prefixes = new Prefixes(prefixesIn(root), ownFolders(mounted));
  const readable = { prefixes, services: "/services", sources: new Map() };
  return [...env.fields].flatMap(([variable, { value }]) => {
    if (value.kind !== "scalar") return [];
    const name = `exec.env.${variable}`;
    const main = { name, text: String(value.value) };
    return inspect({ main, partials: new Map() }, readable).map(({ fault }) => {
      return { position: value.position, message: fault.message };
    });
  });
}

function prefixesIn(root: ObjectNode): readonly string[] {
  const node = nodeAt(root, ["exec", "prefixes"]);
  if (node?.kind !== "list") return [""];
  return node.items.flatMap((item) =>
    item.kind === "scalar" ? [folderOf(String(item.value))] : [],
  );
}
