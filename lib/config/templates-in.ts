import { resolve } from "node:path";
import { folderOf, isWithin } from "../model/entry.ts";
import type { Position } from "./located/tree.ts";
import { nodeAt, type ObjectNode, plainValue, type Tree } from "./located/tree.ts";
import { defaultPrefix } from "./plan-of.ts";

/** A template of a configuration, which may have problems elsewhere, with the positions of its settings. */
export interface ConfiguredTemplate {
  /** The source as it is written, and as an absolute path. */
  readonly name: string;
  readonly source: string;
  readonly sourceAt: Position;
  /** The absolute path of the target; undefined if it is missing. */
  readonly target: string | undefined;
  readonly targetAt: Position;
  /** As the template names them: below its root. */
  readonly prefixes: readonly string[];
  /** The folder of the keyspace that the template sees as `/`. */
  readonly root: string;
  /** The folder of the services, as the template would name it; undefined if it is outside of its root. */
  readonly services: string | undefined;
  /** The user and the group of the target, as they are written, with the positions of both. */
  readonly accounts: readonly ConfiguredAccount[];
}

/** A user or a group that a target is to have. */
export interface ConfiguredAccount {
  readonly kind: "user" | "group";
  readonly name: string;
  readonly at: Position;
}

export function templatesIn(root: ObjectNode): readonly ConfiguredTemplate[] {
  const list = nodeAt(root, ["watch", "templates"]);
  const common = folderOf(textAt(root, "watch", "root") ?? "");
  const services = common + folderOf(textAt(root, "watch", "services") ?? "/services");
  return (list?.kind === "list" ? list.items : []).flatMap(
    (item): readonly ConfiguredTemplate[] => {
      const [name, target] = [textAt(item, "source"), textAt(item, "target")];
      if (name === undefined || name === "") return [];
      const at = (setting: string) => nodeAt(item, [setting])?.position ?? item.position;
      const [sourceAt, targetAt] = [at("source"), at("target")];
      const own = common + folderOf(textAt(item, "root") ?? "");
      const shown = (key: string) => key.slice(own.length);
      return [
        {
          ...{ name, source: resolve(sourceAt.folder, name), sourceAt, targetAt, root: own },
          services: isWithin(services, own) ? shown(services) : undefined,
          accounts: accountsOf(item),
          target: target ? resolve(targetAt.folder, target) : undefined,
          prefixes: prefixesOf(item) ?? [shown(defaultPrefix(own, services))],
        },
      ];
    },
  );
}

function prefixesOf(template: Tree): readonly string[] | undefined {
  const node = nodeAt(template, ["prefixes"]);
  const prefixes = node?.kind === "list" ? node.items.map(plainValue) : [];
  const texts = prefixes.filter((one) => typeof one === "string");
  return texts.length > 0 ? texts.map(folderOf) : undefined;
}

function accountsOf(template: Tree): readonly ConfiguredAccount[] {
  const settings = [
    ["owner", "user"],
    ["group", "group"],
  ] as const;
  return settings.flatMap(([setting, kind]) => {
    const node = nodeAt(template, [setting]);
    return node?.kind === "scalar" ? [{ kind, name: String(node.value), at: node.position }] : [];
  });
}

function textAt(tree: Tree, ...path: readonly string[]): string | undefined {
  const node = nodeAt(tree, path);
  const value = node && plainValue(node);
  return typeof value === "string" ? value : undefined;
}
