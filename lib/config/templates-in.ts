import { resolve } from "node:path";
import { folderOf, isWithin } from "../model/entry.ts";
import type { NamedSources } from "../view/sources.ts";
import type { Position } from "./located/tree.ts";
import { nodeAt, type ObjectNode, plainValue, type Tree } from "./located/tree.ts";
import { defaultPrefixes, serviceFolders, sourcesOf } from "./source-of.ts";
import { sourcesSchema } from "./sources-schema.ts";

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
  /**
   * The folder of the services, as the template would name it; false if there are only sources, undefined if it is outside of the
   * template's root.
   */
  readonly services: string | false | undefined;
  /** The folders of further services that are within the root, by name. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
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
  const services = servicesIn(root, common);
  const named = sourcesIn(root, common);
  const folders = serviceFolders(services, named);
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
          services: services && (isWithin(services, own) ? shown(services) : undefined),
          sources: shownSources(named, own),
          accounts: accountsOf(item),
          target: target ? resolve(targetAt.folder, target) : undefined,
          prefixes: prefixesOf(item) ?? defaultPrefixes(own, folders).map(shown),
        },
      ];
    },
  );
}

function servicesIn(root: ObjectNode, common: string): string | false {
  const node = nodeAt(root, ["watch", "services"]);
  if (node && plainValue(node) === false) return false;
  return common + folderOf(textAt(root, "watch", "services") ?? "/services");
}

/** Empty as long as they have a problem. */
function sourcesIn(root: ObjectNode, common: string): NamedSources {
  const node = nodeAt(root, ["watch", "sources"]);
  const { data = {} } = sourcesSchema.safeParse(node ? plainValue(node) : {});
  return sourcesOf(data, common);
}

/** The folders of the sources that a template with this root sees, as it names them. */
function shownSources(named: NamedSources, own: string): ReadonlyMap<string, readonly string[]> {
  const visible = Object.entries(named).filter(([, { folders }]) =>
    folders.every(({ path }) => isWithin(path, own)),
  );
  return new Map(
    visible.map(([name, { folders }]) => [name, folders.map(({ path }) => path.slice(own.length))]),
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
