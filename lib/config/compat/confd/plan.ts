import { posix, resolve } from "node:path";
import type { KeyspaceConfig } from "../../../keyspace/schema.ts";
import { isReadOnly } from "../../../keyspace/url.ts";
import { ownFolder } from "../../../model/entry.ts";
import { formatOf } from "../../../render/escape/format-of.ts";
import { unlimited } from "../../../view/limits.ts";
import type { Plan, TemplatePlan, WatchPlan } from "../../plan.ts";
import { checkCommand, reloadCommand } from "./commands.ts";
import type { Resource } from "./resource.ts";
import type { ConfdSettings } from "./settings.ts";

/** A folder that nothing reads or writes, for a template without keys. */
const noKeys = `${ownFolder}/none`;

/** Where settings of confd are relative to, and how its prefixes are joined. */
export interface ConfdPlace {
  /** The working directory: a relative `dest` starts there. */
  readonly folder: string;
  /** The fork joins the global prefix with that of a resource; confd itself replaces the latter. */
  readonly joinsPrefixes: boolean;
}

/** The plan of a watcher for the resources. */
export function planOf(
  settings: ConfdSettings,
  keyspace: KeyspaceConfig,
  resources: readonly Resource[],
  place: ConfdPlace,
): Plan {
  const debounceMs = Math.max(
    settings.debounceMs ?? 50,
    ...resources.map((resource) => resource.debounceMs ?? 0),
  );
  const watch: WatchPlan = {
    services: false,
    settle: { quietMs: debounceMs, atMostMs: Math.max(1000, debounceMs * 10) },
    retry: { firstMs: 500, maxMs: 30_000 },
    limits: unlimited,
    guard: { all: { maxLoss: 1, min: 0, retainMs: 0, keepEmpty: false }, services: {} },
    ...{ resolve: false, acknowledge: false, drift: "report", observeMs: 10_000 },
    ...(settings.intervalMs !== undefined && { refreshMs: settings.intervalMs }),
    ...(isReadOnly(keyspace.url) && { snapshotCache: false }),
    templates: resources.map((resource) => templateOf(resource, settings, place)),
  };
  return { log: settings.log, keyspace, watch };
}

function templateOf(
  resource: Resource,
  { confDir, prefix, syncOnly }: ConfdSettings,
  { folder, joinsPrefixes }: ConfdPlace,
): TemplatePlan {
  const source = resolve(confDir, "templates", resource.src.value);
  const path = resolve(folder, resource.dest.value);
  const own = resource.prefix ?? "";
  const root = keyOf(joinsPrefixes ? `${prefix ?? ""}/${own}` : (prefix ?? own));
  const { check, reload, mode, owner, group } = resource;
  const keys = resource.keys.map((key) => keyOf(`${root}/${key}`));
  return {
    ...{ name: source, source, language: "go" },
    target: {
      path,
      ...(mode !== undefined && { mode }),
      ...(owner !== undefined && { owner }),
      ...(group !== undefined && { group }),
      ...(check &&
        !syncOnly && {
          check: {
            run: checkCommand(check.value, path),
            timeout: resource.checkTimeoutMs,
          },
        }),
    },
    prefixes: keys.length > 0 ? keys : [`${root}${noKeys}`],
    ...(root !== "" && { root }),
    outside: "absent",
    format: resource.format ?? formatOf(path),
    ...(reload &&
      !syncOnly && {
        proxy: {
          type: "command",
          shell: reloadCommand(reload.value, path),
          minInterval: resource.minReloadIntervalMs,
          timeout: resource.reloadTimeoutMs,
          keepFiles: true,
        },
        isApart: true,
      }),
  };
}

/** A key as Go's `path.Join` writes it, the root as the empty string. */
function keyOf(text: string): string {
  return posix.join("/", text).replace(/\/+$/, "");
}
