import { resolve } from "node:path";
import { folderOf } from "../model/entry.ts";
import type { NamedSources } from "../view/sources.ts";
import type { Position } from "./located/tree.ts";
import { nodeAt, type ObjectNode, plainValue, type Tree } from "./located/tree.ts";
import { serviceFolders, sourcesOf } from "./source-of.ts";
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
  readonly prefixes: readonly string[];
  /** The folder of the services; false if there are only sources. */
  readonly services: string | false;
  /** The folders of further services, by name. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

export function templatesIn(root: ObjectNode): readonly ConfiguredTemplate[] {
  const list = nodeAt(root, ["watch", "templates"]);
  const services = servicesIn(root);
  const named = sourcesIn(root);
  const sources = new Map(
    Object.entries(named).map(([name, { folders }]) => [name, folders.map(({ path }) => path)]),
  );
  return (list?.kind === "list" ? list.items : []).flatMap(
    (item): readonly ConfiguredTemplate[] => {
      const [name, target] = [textAt(item, "source"), textAt(item, "target")];
      if (name === undefined || name === "") return [];
      const at = (setting: string) => nodeAt(item, [setting])?.position ?? item.position;
      const [sourceAt, targetAt] = [at("source"), at("target")];
      return [
        {
          ...{
            name,
            source: resolve(sourceAt.folder, name),
            sourceAt,
            targetAt,
            services,
            sources,
          },
          target: target ? resolve(targetAt.folder, target) : undefined,
          prefixes: prefixesOf(item) ?? serviceFolders(services, named).all,
        },
      ];
    },
  );
}

function servicesIn(root: ObjectNode): string | false {
  const node = nodeAt(root, ["watch", "services"]);
  if (node && plainValue(node) === false) return false;
  return folderOf(textAt(root, "watch", "services") ?? "/services");
}

/** Empty as long as they have a problem. */
function sourcesIn(root: ObjectNode): NamedSources {
  const node = nodeAt(root, ["watch", "sources"]);
  const { data = {} } = sourcesSchema.safeParse(node ? plainValue(node) : {});
  return sourcesOf(data);
}

function prefixesOf(template: Tree): readonly string[] | undefined {
  const node = nodeAt(template, ["prefixes"]);
  const prefixes = node?.kind === "list" ? node.items.map(plainValue) : [];
  const texts = prefixes.filter((one) => typeof one === "string");
  return texts.length > 0 ? texts.map(folderOf) : undefined;
}

function textAt(tree: Tree, ...path: readonly string[]): string | undefined {
  const node = nodeAt(tree, path);
  const value = node && plainValue(node);
  return typeof value === "string" ? value : undefined;
}
