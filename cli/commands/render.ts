import { basename } from "node:path";
import { faults as agentFaults } from "../../agents/faults.ts";
import { logMissingKeys } from "../../agents/watch/missing-keys-log.ts";
import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import { loadConfig } from "../../lib/config/load.ts";
import type { Plan, TemplatePlan } from "../../lib/config/plan.ts";
import type { Quarantined } from "../../lib/model/pool.ts";
import { openTextSource } from "../../lib/render/open-text-source.ts";
import { difference } from "../difference.ts";
import { faults } from "../faults.ts";
import { printJson } from "../print-json.ts";
import { type ReadFrom, snapshotFor, viewsOf } from "../snapshots.ts";
import { sentenceLog } from "../standard-error.ts";
import type { World } from "../world.ts";

export interface RenderOptions extends ReadFrom {
  readonly files: readonly string[];
  readonly template?: string;
  /** Print the differences from the targets. */
  readonly diff?: boolean;
  /** Print a list of `{ target, text, quarantined }`, with `diff` in place of `text`. */
  readonly json?: boolean;
}

/**
 * Renders to standard output, once; writes no file and runs no command. Returns 1 if `diff` finds a difference, else 0. Throws AGENT_SECTION_MISSING, CLI_TEMPLATE_UNKNOWN
 * and CLI_FIXTURE_UNREADABLE.
 */
export async function render(
  options: RenderOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const { diff, json } = options;
  const log = sentenceLog(world.err);
  const onWarning = (sentence: string) => log.warn("setting_unknown", sentence);
  const plan = await loadConfig(options.files, { ...world, onWarning });
  const { watch, templates } = selectTemplates(plan, options);
  const snapshot = await snapshotFor(plan, templates, options, world, signal);
  const viewFor = await viewsOf(watch, templates, snapshot, log, world, signal);
  const results: RenderedTarget[] = [];
  for (const template of templates) {
    const { path } = template.target;
    const file = await openTextSource(template, world);
    const { text, quarantined, lacksKeys } = await file.render(viewFor(template), signal);
    if (lacksKeys) logMissingKeys(template, log);
    logQuarantine({ quarantined, released: [] }, log);
    const result = { target: path, ...(diff ? { diff: await difference(path, text) } : { text }) };
    if (!json) world.out.write(asText(result, templates.length));
    results.push({ ...result, quarantined });
  }
  if (json) printJson(results, world);
  return results.some((one) => one.diff) ? 1 : 0;
}

/** One target, as it is printed: the text, or the difference from the file. */
interface RenderedTarget {
  readonly target: string;
  readonly text?: string;
  readonly diff?: string;
  readonly quarantined: readonly Quarantined[];
}

function asText(
  { target, text, diff = "" }: Omit<RenderedTarget, "quarantined">,
  targets: number,
): string {
  if (text === undefined) return diff;
  return targets > 1 ? `==> ${target} <==\n${text}` : text;
}

function selectTemplates({ watch }: Plan, { files, template }: RenderOptions) {
  if (!watch) throw agentFaults.AGENT_SECTION_MISSING({ files, section: "watch" });
  if (template === undefined) return { watch, templates: watch.templates };
  const names = ({ name, target }: TemplatePlan) => [name, target.path, basename(target.path)];
  const found = watch.templates.filter((each) => names(each).includes(template));
  if (found.length > 0) return { watch, templates: found };
  const known = watch.templates.map(({ name }) => name);
  throw faults.CLI_TEMPLATE_UNKNOWN({ name: template, known });
}
