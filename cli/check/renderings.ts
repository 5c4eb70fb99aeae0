import { logMissingKeys } from "../../agents/watch/missing-keys-log.ts";
import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import { Fault, sentence } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { validate } from "../../lib/install/validate.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { cleanLine } from "../../lib/proxy/clean-line.ts";
import { openTextSource } from "../../lib/render/open-text-source.ts";
import { viewsOf } from "../snapshots.ts";
import type { World } from "../world.ts";

export interface Rendered {
  readonly watch: WatchPlan;
  /** By target, its position in the configuration. */
  readonly places: ReadonlyMap<string, string>;
  /** Whether check commands are run: they belong to the machine of the agent. */
  readonly runsCommands: boolean;
}

/**
 * Renders every template from the entries and runs its check command on the text; no target is replaced. Returns a sentence for
 * each that fails. Entries that are left out are logged.
 */
export async function renderingProblems(
  { watch, places, runsCommands }: Rendered,
  snapshot: Snapshot,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const viewFor = await viewsOf(watch, watch.templates, snapshot, log, world, signal);
  for (const template of watch.templates) {
    try {
      const file = await openTextSource(template, world);
      const { text, quarantined, lacksKeys } = await file.render(viewFor(template), signal);
      logQuarantine({ quarantined, released: [] }, log);
      if (lacksKeys) logMissingKeys(template, log);
      if (!runsCommands) continue;
      await validate(template.target, text, { clock: world.clock, clean: cleanLine }, signal);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const at = places.get(template.target.path) ?? "";
      // A fault of a template has a position there.
      problems.push(
        error.code.startsWith("RENDER_") ? sentence(error) : `${at}: ${sentence(error)}`,
      );
    }
  }
  return problems;
}
