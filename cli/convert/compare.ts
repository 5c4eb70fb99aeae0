import { createTwoFilesPatch } from "diff";
import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Plan, TemplatePlan, WatchPlan } from "../../lib/config/plan.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { openTextSource } from "../../lib/render/open-text-source.ts";
import { snapshotFor, viewsOf } from "../snapshots.ts";
import { sentenceLog, silent } from "../standard-error.ts";
import type { World } from "../world.ts";

/** How many files two plans render, and the unified diffs of the different ones. */
export interface Comparison {
  readonly files: number;
  readonly differences: readonly string[];
}

/**
 * Renders the files of both plans from the entries of a fixture, or else of the keyspace at this moment. Throws the fault of a
 * keyspace that is unreachable, and of a template that cannot be rendered.
 */
export async function compare(
  before: Plan,
  after: Plan,
  fixture: string | undefined,
  world: World,
  signal: AbortSignal,
): Promise<Comparison> {
  if (!before.watch || !after.watch) return { files: 0, differences: [] };
  const { templates } = before.watch;
  const snapshot = await snapshotFor(before, templates, { fixture }, world, signal);
  const log = sentenceLog(world.err);
  const one = await textsOf(before.watch, snapshot, log, world, signal);
  const other = await textsOf(after.watch, snapshot, silent, world, signal);
  const differences = templates.flatMap(({ target }, i) => {
    const [a = "", b = ""] = [one[i], other[i]];
    const { path } = target;
    return a === b ? [] : [createTwoFilesPatch(path, path, a, b, "original", "converted")];
  });
  return { files: templates.length, differences };
}

async function textsOf(
  watch: WatchPlan,
  snapshot: Snapshot,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const viewFor = await viewsOf(watch, watch.templates, snapshot, log, world, signal);
  const texts: string[] = [];
  for (const template of watch.templates) texts.push(await textOf(template));
  return texts;

  async function textOf(template: TemplatePlan): Promise<string> {
    const file = await openTextSource(template, world);
    const { text, quarantined } = await file.render(viewFor(template), signal);
    logQuarantine({ quarantined, released: [] }, log);
    return text;
  }
}
