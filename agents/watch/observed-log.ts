import type { Log } from "../../lib/base/log.ts";
import { describeForeign } from "../../lib/install/observe-target.ts";
import type { TemplateGroup } from "./groups.ts";
import type { ObservedFile } from "./observe-group.ts";

/** Logs the files whose observed state has changed, a line for each cause. */
export function logObserved(
  { title }: Pick<TemplateGroup, "title">,
  changed: readonly ObservedFile[],
  log: Log,
): void {
  const causes = Map.groupBy(changed, ({ state, why }) => `${state}\n${why}`);
  for (const files of causes.values()) {
    const [{ state, why } = { state: "unknown", why: "" }] = files;
    const targets = files.map(({ target }) => target);
    if (state === "proxy down") {
      log.warn("proxy_down", `${title}: ${why}`, { targets, why });
    } else if (state === "out of sync") {
      const sentence = `${title} is out of sync: ${why}; it is left as it is until the next change, a retry or a repair`;
      log.warn("out_of_sync", sentence, { targets, why });
    } else if (state === "in sync") {
      log.info("in_sync", `${targets.join(", ")} in sync again`, { targets });
    }
  }
}

/**
 * Logs that differences which something else had made were overwritten by a change: those that were observed, and those of
 * the `foreign` targets, which were only found when they were replaced.
 */
export function logOverwritten(
  observed: readonly ObservedFile[],
  foreign: readonly string[],
  log: Log,
): void {
  const known = new Set(observed.map(({ target }) => target));
  const found = foreign
    .filter((target) => !known.has(target))
    .map((target) => ({ target, why: describeForeign(target) }));
  for (const [why, files] of Map.groupBy([...observed, ...found], ({ why }) => why)) {
    const targets = files.map(({ target }) => target);
    log.warn("drift_overwritten", `${targets.join(", ")} written again; before, ${why}`, {
      targets,
      why,
    });
  }
}
