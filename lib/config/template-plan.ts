import { folderOf, ownFolders } from "../model/entry.ts";
import { formatOf } from "../render/escape/format-of.ts";
import type { TemplatePlan } from "./plan.ts";
import type { Config } from "./schema.ts";
import { defaultPrefixes, type ServiceFolders } from "./source-of.ts";

type TemplateConfig = NonNullable<Config["watch"]>["templates"][number];

/** What the keys of a template are relative to, and what it sees by default. */
export interface TemplatePlace {
  /** The root of the watcher. */
  readonly root: string;
  readonly services: ServiceFolders;
  /** The folders at which keyspaces are mounted. */
  readonly mounted: readonly string[];
}

/** The plan of a template. `name` is its source as it is written, or for a generator the file of the configuration. */
export function templateOf(
  template: TemplateConfig,
  name: string,
  { root: common, services, mounted }: TemplatePlace,
): TemplatePlan {
  const { target, prefixes, root, format, mode, owner, group, check, proxy } = template;
  // A generator has the settings of the file that it stands in.
  const { source = name, generator, outside, apart: isApart } = template;
  const own = common + folderOf(root ?? "");
  const readable =
    prefixes?.map((prefix) => own + folderOf(prefix)) ?? defaultPrefixes(own, services);
  const ofSources = new Set(services.ofSources);
  const sourceFolders = readable.filter((one) => ofSources.has(one));
  return {
    name,
    source,
    target: {
      path: target,
      ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
      ...(owner !== undefined && { owner }),
      ...(group !== undefined && { group }),
      ...(check && { check }),
    },
    prefixes: readable,
    ...(sourceFolders.length > 0 && { sourceFolders }),
    ...(own !== "" && { root: own }),
    ...(mounted.length > 0 && { hidden: ownFolders(mounted) }),
    ...(outside && { outside }),
    format: format ?? formatOf(target, proxy?.type),
    ...(generator && { generator }),
    ...(proxy && { proxy }),
    ...(isApart && { isApart }),
  };
}
