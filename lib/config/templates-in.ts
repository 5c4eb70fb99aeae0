import { resolve } from "node:path";
import { folderOf, isWithin, ownFolders } from "../model/entry.ts";
import type { NamedSources } from "../view/sources.ts";
import type { Position } from "./located/tree.ts";
import { nodeAt, type ObjectNode, plainValue, type Tree } from "./located/tree.ts";
import { defaultPrefixes, serviceFolders, sourcesOf } from "./source-of.ts";
import { sourcesSchema } from "./sources-schema.ts";

/** A template of a configuration, which may have problems elsewhere, with the positions of its settings. */
export interface ConfiguredTemplate {
  /** It has a generator, and no source; then name and source are those of the configuration. */
  readonly isGenerated: boolean;
  /** Whether it may read keys outside of its prefixes, which are absent. */
  readonly isOutsideAbsent: boolean;
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
  /** The folders that a prefix above them does not show, as the template would name them. */
  readonly hidden: readonly string[];
  /** The folder of the services, as the template would name it: undefined outside of its root, false if there are only sources. */
  readonly services: string | false | undefined;
  /** The folders of further services, by name; undefined if one of them is outside of the root. */
  readonly sources: ReadonlyMap<string, readonly string[] | undefined>;
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
  const byDefault = serviceFolders(services, named);
  const hidden = ownFolders(mountedIn(root));
  return (list?.kind === "list" ? list.items : []).flatMap(
    (item): readonly ConfiguredTemplate[] => {
      const isGenerated = nodeAt(item, ["generator"]) !== undefined;
      const name = textAt(item, "source") ?? (isGenerated ? item.position.name : "");
      const target = textAt(item, "target");
      if (name === "") return [];
      const at = (setting: string) => nodeAt(item, [setting])?.position ?? item.position;
      const [sourceAt, targetAt] = [at("source"), at("target")];
      const own = common + folderOf(textAt(item, "root") ?? "");
      const shown = (path: string) => (isWithin(path, own) ? path.slice(own.length) : undefined);
      const allShown = (folders: readonly { readonly path: string }[]) => {
        const paths = folders.flatMap(({ path }) => shown(path) ?? []);
        return paths.length === folders.length ? paths : undefined;
      };
      return [
        {
          ...{
            isGenerated,
            isOutsideAbsent: textAt(item, "outside") === "absent",
            name,
            source: resolve(sourceAt.folder, name),
            sourceAt,
            targetAt,
            root: own,
          },
          hidden: hidden.flatMap((folder) => shown(folder) || []),
          services: services === false ? false : shown(services),
          sources: new Map(
            Object.entries(named).map(([service, { folders }]) => [service, allShown(folders)]),
          ),
          accounts: accountsOf(item),
          target: target ? resolve(targetAt.folder, target) : undefined,
          prefixes:
            prefixesOf(item) ?? defaultPrefixes(own, byDefault).map((one) => one.slice(own.length)),
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

/** The folders at which keyspaces are mounted. */
function mountedIn(root: ObjectNode): readonly string[] {
  const mounts = nodeAt(root, ["mounts"]);
  return mounts?.kind === "object" ? [...mounts.fields.keys()].map(folderOf) : [];
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
