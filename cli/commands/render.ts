import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createTwoFilesPatch } from "diff";
import { faults as agentFaults } from "../../agents/faults.ts";
import { logMissingKeys } from "../../agents/watch/missing-keys-log.ts";
import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import { systemCode } from "../../lib/base/fault.ts";
import { loadConfig } from "../../lib/config/load.ts";
import type { Plan, TemplatePlan } from "../../lib/config/plan.ts";
import { TemplateFile } from "../../lib/render/template-file.ts";
import { faults } from "../faults.ts";
import { snapshotFor, viewsOf } from "../snapshots.ts";
import { sentenceLog } from "../standard-error.ts";
import type { World } from "../world.ts";

export interface RenderOptions {
  readonly files: readonly string[];
  readonly template?: string;
  readonly fixture?: string;
  readonly diff?: boolean;
}

/**
 * Renders to standard output, once; writes no file and runs no command. Throws AGENT_SECTION_MISSING, CLI_TEMPLATE_UNKNOWN
 * and CLI_FIXTURE_UNREADABLE.
 */
export async function render(
  options: RenderOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const plan = await loadConfig(options.files, world);
  const { watch, templates } = selectTemplates(plan, options);
  const log = sentenceLog(world.err);
  const snapshot = await snapshotFor(plan, templates, options.fixture, world, signal);
  const viewFor = await viewsOf(watch, templates, snapshot, log, world, signal);
  for (const template of templates) {
    const file = await TemplateFile.open(template, world);
    const { text, quarantined, lacksKeys } = await file.render(viewFor(template), signal);
    if (lacksKeys) logMissingKeys(template, log);
    logQuarantine({ quarantined, released: [] }, log);
    if (templates.length > 1 && !options.diff) world.out.write(`==> ${template.target.path} <==\n`);
    world.out.write(options.diff ? await difference(template.target.path, text) : text);
  }
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

/** A unified diff from the target to the rendered text; empty if they are equal. */
async function difference(target: string, text: string): Promise<string> {
  const current = await readFile(target, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  return current === text
    ? ""
    : createTwoFilesPatch(target, target, current, text, "current", "rendered");
}
