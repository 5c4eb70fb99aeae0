import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createTwoFilesPatch } from "diff";
import { faults } from "../../agents/faults.ts";
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
import type { World } from "../world.ts";

export interface RenderOptions {
  readonly files: readonly string[];
  readonly template?: string;
  readonly fixture?: string;
  readonly diff?: boolean;
}

/** Renders to standard output, once; no file is written and no command is run. */
export async function render(
  options: RenderOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const plan = await loadConfig(options.files, world);
  const { watch, templates } = chosen(plan, options);
  const log = createLog(world.err, "warn");
  const snapshot = options.fixture
    ? await fixture(options.fixture, prefixesOf(templates))
    : await live(plan, templates, world, signal);
  const views = new Views(watch, world.clock, log);
  for (const template of templates) {
    const file = await TemplateFile.open(template, world);
    const text = await file.render(viewOf(views.of(snapshot), template), signal);
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

function chosen({ watch }: Plan, { files, template }: RenderOptions) {
  if (!watch) throw faults.AGENT_SECTION_MISSING({ files, section: "watch" });
  if (template === undefined) return { watch, templates: watch.templates };
  const names = ({ name, target }: TemplatePlan) => [name, target.path, basename(target.path)];
  const found = watch.templates.filter((one) => names(one).includes(template));
  if (found.length > 0) return { watch, templates: found };
  const known = watch.templates.map(({ name }) => name);
  throw faults.CLI_TEMPLATE_UNKNOWN({ name: template, known });
}

async function live(
  plan: Plan,
  templates: readonly TemplatePlan[],
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  await using keyspace = await openKeyspace(plan.keyspace, world);
  return await readSnapshot(keyspace, prefixesOf(templates), signal);
}

/** What a watch of these prefixes would show if the keyspace held what the file says. */
async function fixture(path: string, prefixes: readonly string[]): Promise<Snapshot> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw faults.CLI_FIXTURE_UNREADABLE({ path }, cause);
  });
  const seen = [...readFixture(text, path)].filter(([key]) =>
    prefixes.some((prefix) => isWithin(key, prefix)),
  );
  const entries = new Map(seen.map(([key, value]) => [key, { key, value, revision: path }]));
  return Snapshot.empty.after({ kind: "reset", revision: path, entries });
}

/** A unified diff from what the target holds now; empty when there is no difference. */
async function difference(target: string, text: string): Promise<string> {
  const now = await readFile(target, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  return now === text ? "" : createTwoFilesPatch(target, target, now, text, "now", "rendered");
}
