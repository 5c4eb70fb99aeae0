import { dirname, isAbsolute, join } from "node:path";
import { Fault } from "../../lib/base/fault.ts";
import { formatPosition, type Problem } from "../../lib/config/located/problem.ts";
import type { ObjectNode } from "../../lib/config/located/tree.ts";
import { type ConfiguredTemplate, templatesIn } from "../../lib/config/templates-in.ts";
import type { Finding } from "../../lib/render/engine/findings.ts";
import { inspect } from "../../lib/render/inspect.ts";
import { isSharedPort, type ListenAddress, listeningOf } from "../../lib/render/listens.ts";
import { type Loaded, loadSources } from "../../lib/render/load.ts";
import { Prefixes } from "../../lib/render/prefixes.ts";
import type { World } from "../world.ts";

/** A template that could be read. */
interface Opened extends Loaded {
  readonly configured: ConfiguredTemplate;
  readonly isShipped: boolean;
}

/** The mistakes in the templates of a configuration that can be found without data, and ports that two of them share. */
export async function templateProblems(
  root: ObjectNode,
  world: Pick<World, "env" | "shipped">,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const opened: Opened[] = [];
  for (const configured of templatesIn(root)) {
    if (configured.isGenerated) continue;
    const result = await open(configured, world.shipped);
    if (result instanceof Fault) {
      problems.push({ position: configured.sourceAt, message: result.message });
    } else {
      opened.push(result);
      problems.push(...mistakesIn(result));
    }
  }
  return [...problems, ...sharedPorts(opened, world)];
}

async function open(configured: ConfiguredTemplate, shipped: string): Promise<Opened | Fault> {
  const { source, name } = configured;
  try {
    const candidates = [source, join(shipped, name)];
    const loaded = await loadSources(candidates, join(shipped, "partials"));
    return { ...loaded, configured, isShipped: loaded.path !== source };
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function mistakesIn({ configured, sources, isShipped }: Opened): readonly Problem[] {
  const { services, sources: folders, name, hidden, sourceAt } = configured;
  // A key outside is no mistake where it is absent.
  const prefixes = new Prefixes(configured.isOutsideAbsent ? [""] : configured.prefixes, hidden);
  // As the path of the configuration leads to it from the working directory.
  const folder = isShipped
    ? ""
    : dirname(isAbsolute(name) ? name : join(dirname(sourceAt.name), name));
  const readable = { prefixes, services, sources: folders };
  return inspect(sources, readable).map((finding) => problemOf(finding, folder));
}

function problemOf({ at: { template, line, column }, fault }: Finding, folder: string): Problem {
  const message = fault.message.replace(`${template}:${line}:${column}: `, "");
  return { position: { name: join(folder, template), line, column, folder }, message };
}

/** Only for shipped templates: of another one it is not known which variables are addresses to listen on. */
function sharedPorts(opened: readonly Opened[], { env }: Pick<World, "env">): readonly Problem[] {
  const problems: Problem[] = [];
  const before: (ListenAddress & { readonly configured: ConfiguredTemplate })[] = [];
  for (const { configured, sources, isShipped } of opened) {
    const own = isShipped ? listeningOf(sources.main, env) : [];
    for (const one of own) {
      const other = before.find((known) => isSharedPort(known, one));
      if (!other) continue;
      const where = `${other.configured.name} at ${formatPosition(other.configured.sourceAt)}`;
      const remedy = "let a copy of one of them listen elsewhere";
      const message = `${configured.name} listens on ${one.address} (${one.variable}), as does ${where}: ${remedy}`;
      problems.push({ position: configured.sourceAt, message });
    }
    before.push(...own.map((one) => ({ ...one, configured })));
  }
  return problems;
}
