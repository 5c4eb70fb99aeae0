import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createTwoFilesPatch } from "diff";
import { faults as agentFaults } from "../../agents/faults.ts";
import { needsAddresses } from "../../agents/watch/groups.ts";
import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import { resolveOnce } from "../../agents/watch/resolve-once.ts";
import { systemCode } from "../../lib/base/fault.ts";
import { createLog } from "../../lib/base/log.ts";
import { readFixture } from "../../lib/config/fixture.ts";
import { loadConfig } from "../../lib/config/load.ts";
import type { Plan, TemplatePlan } from "../../lib/config/plan.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { isWithin, outermost } from "../../lib/model/entry.ts";
import { Snapshot } from "../../lib/model/snapshot.ts";
import { TemplateFile, type View } from "../../lib/render/template-file.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { Views } from "../../lib/view/views.ts";
import { visibleServices } from "../../lib/view/visible.ts";
import { faults } from "../faults.ts";
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
  const log = createLog(world.err, "warn");
  const snapshot = options.fixture
    ? await fixtureSnapshot(options.fixture, prefixesOf(templates))
    : await keyspaceSnapshot(plan, templates, world, signal);
  const pools = new Views(watch, world.clock, log).of(snapshot);
  const isResolved = (template: TemplatePlan) => needsAddresses(watch, template);
  const resolved = templates.some(isResolved)
    ? await resolveOnce(pools, { ...world, log }, signal)
    : pools;
  for (const template of templates) {
    const file = await TemplateFile.open(template, world);
    const view = viewOf(isResolved(template) ? resolved : pools, template);
    const { text, quarantined } = await file.render(view, signal);
    logQuarantine({ quarantined, released: [] }, log);
    if (templates.length > 1 && !options.diff) world.out.write(`==> ${template.target.path} <==\n`);
    world.out.write(options.diff ? await difference(template.target.path, text) : text);
  }
}

function prefixesOf(templates: readonly TemplatePlan[]): readonly string[] {
  return outermost(templates.flatMap(({ prefixes }) => prefixes));
}

function viewOf(pools: Pools, { prefixes }: TemplatePlan): View {
  return { snapshot: pools.snapshot, services: visibleServices(pools, prefixes) };
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

async function keyspaceSnapshot(
  plan: Plan,
  templates: readonly TemplatePlan[],
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  await using keyspace = await openKeyspace(plan.keyspace, world);
  return await readSnapshot(keyspace, prefixesOf(templates), signal);
}

/** The snapshot of a keyspace that has the entries of a fixture, as far as they are below the prefixes. */
async function fixtureSnapshot(path: string, prefixes: readonly string[]): Promise<Snapshot> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw faults.CLI_FIXTURE_UNREADABLE({ path }, cause);
  });
  const visible = [...readFixture(text, path)].filter(([key]) =>
    prefixes.some((prefix) => isWithin(key, prefix)),
  );
  const entries = new Map(visible.map(([key, value]) => [key, { key, value, revision: path }]));
  return Snapshot.empty.after({ kind: "reset", revision: path, entries });
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
