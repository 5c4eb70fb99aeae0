import { isDeepStrictEqual } from "node:util";
import type { GuardRule, GuardRules } from "../../view/contract.ts";
import { unlimited } from "../../view/limits.ts";
import { guardSchema } from "../guard-schema.ts";
import { limitsSchema } from "../limits-schema.ts";
import type { WatchPlan } from "../plan.ts";
import { serviceFolders } from "../source-of.ts";
import { watchSchema } from "../watch-schema.ts";
import { durationText } from "./duration-text.ts";
import { literal } from "./keyspace-settings.ts";
import { given, minimal, type Settings } from "./minimal.ts";
import { sourcesSettings } from "./source-settings.ts";
import { templateSettings } from "./template-settings.ts";

/** The section `watch` of a plan. `sources` are the paths that replace those of its templates. */
export function watchSettings(
  watch: WatchPlan,
  sources: readonly (string | undefined)[],
): Settings {
  const { services, settle, retry, limits, guard, refreshMs, templates, ...rest } = watch;
  const folders = serviceFolders(services, watch.sources ?? {});
  const { resolve, acknowledge, drift, snapshotCache } = rest;
  const settings = given({
    services: literal(services),
    sources: watch.sources && sourcesSettings(watch.sources),
    settle: minimal(
      { quiet: durationText(settle.quietMs), atMost: durationText(settle.atMostMs) },
      watchSchema.shape.settle,
    ),
    retry: minimal(
      { first: durationText(retry.firstMs), atMost: durationText(retry.maxMs) },
      watchSchema.shape.retry,
    ),
    limits: isDeepStrictEqual(limits, unlimited) ? false : minimal({ ...limits }, limitsSchema),
    guard: guardSettings(guard),
    resolve,
    refresh: refreshMs === undefined ? undefined : durationText(refreshMs),
    acknowledge,
    drift,
    snapshotCache: literal(snapshotCache),
    templates: templates.map((template, i) => templateSettings(template, sources[i], folders)),
  });
  return minimal(settings, watchSchema);
}

function guardSettings({ all, services }: GuardRules): Settings {
  const own = Object.entries(services).map(([name, rule]) => [name, differing(rule, all)]);
  return minimal({ ...ruleSettings(all), services: Object.fromEntries(own) }, guardSchema);
}

function differing(rule: GuardRule, from: GuardRule): Settings {
  const inherited = ruleSettings(from);
  return Object.fromEntries(
    Object.entries(ruleSettings(rule)).filter(([name, value]) => value !== inherited[name]),
  );
}

function ruleSettings({ maxLoss, min, retainMs, keepEmpty }: GuardRule): Settings {
  const percent = Number((maxLoss * 100).toFixed(6));
  return { maxLoss: `${percent}%`, min, retain: durationText(retainMs), keepEmpty };
}
