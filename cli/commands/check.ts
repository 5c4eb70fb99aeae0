import { counted } from "../../lib/base/counted.ts";
import type { Log } from "../../lib/base/log.ts";
import { accountProblems } from "../../lib/config/account-problems.ts";
import { examineConfig } from "../../lib/config/load.ts";
import { formatPosition, type Problem, problemLines } from "../../lib/config/located/problem.ts";
import { nodeAt, type ObjectNode } from "../../lib/config/located/tree.ts";
import { machineProblems } from "../../lib/config/machine-problems.ts";
import type { Plan, ServicePlan } from "../../lib/config/plan.ts";
import { templatesIn } from "../../lib/config/templates-in.ts";
import { luaModuleWarnings } from "../check/lua-module.ts";
import { faults } from "../faults.ts";
import { printJson } from "../print-json.ts";
import { sentenceLog } from "../standard-error.ts";
import type { World } from "../world.ts";

export interface CheckOptions {
  readonly files: readonly string[];
  /** Render from the keys of this file, too. */
  readonly fixture?: string | undefined;
  /** Render from the keyspace, too. */
  readonly live: boolean;
  /** Whether this is the machine of the agent, which has to have its programs and folders. */
  readonly machine: boolean;
  /** Print the result as JSON. */
  readonly json: boolean;
}

/**
 * Validates configuration and templates, and with `fixture` or `live` what they render. Throws CLI_CHECK_FAILED with every
 * problem, CONFIG_UNREADABLE, CLI_FIXTURE_UNREADABLE and the fault of an unreachable keyspace. With `json`, prints `{ valid,
 * problems, warnings }` instead, both as sentences that begin with a position, and returns 2 if it is not valid.
 */
export async function check(
  { json, ...options }: CheckOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const log = sentenceLog(world.err);
  const { problems, warnings, contents } = await examineAll(options, log, world, signal);
  if (json) {
    printJson({ valid: problems.length === 0, problems, warnings }, world);
    return problems.length === 0 ? 0 : 2;
  }
  for (const warning of warnings) log.warn("setting_unknown", warning);
  if (problems.length > 0) throw faults.CLI_CHECK_FAILED({ problems });
  const named = options.files.length > 0 ? options.files.join(", ") : "environment";
  world.out.write(`${named}: valid (${contents})\n`);
  return 0;
}

interface Checked {
  /** Sentences that begin with a position. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** What the configuration has; empty if it is not valid. */
  readonly contents: string;
}

async function examineAll(
  { files, fixture, live, machine }: Omit<CheckOptions, "json">,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<Checked> {
  const { plan, root, problems, ...examined } = await examineConfig(files, world);
  const warnings = [...problemLines(examined.warnings)];
  if (plan?.watch?.policies) {
    const { policyWarnings } = await import("../check/policy-warnings.ts");
    warnings.push(...policyWarnings(plan, world.clock));
  }
  const all = [...problems];
  if (root) await addProblemsIn(root, machine, all, world, signal);
  if (machine && plan?.watch) warnings.push(...luaModuleWarnings(plan.watch));
  if (!plan || !root || all.length > 0)
    return { problems: problemLines(all), warnings, contents: "" };
  if (plan.watch && (live || fixture !== undefined)) {
    const { snapshotFor } = await import("../snapshots.ts");
    const { renderingProblems } = await import("../check/renderings.ts");
    const snapshot = await snapshotFor(plan, plan.watch.templates, { fixture }, world, signal);
    const places = new Map(
      templatesIn(root).map(({ target = "", targetAt }) => [target, formatPosition(targetAt)]),
    );
    const rendered = { watch: plan.watch, places, runsCommands: machine };
    const failures = await renderingProblems(rendered, snapshot, log, world, signal);
    if (failures.length > 0) return { problems: failures, warnings, contents: "" };
  }
  return { problems: [], warnings, contents: contentsOf(plan) };
}

/** Adds what is found without data: on the machine, in templates and in variables. */
async function addProblemsIn(
  root: ObjectNode,
  machine: boolean,
  all: Problem[],
  world: World,
  signal: AbortSignal,
): Promise<void> {
  if (machine) {
    addUnreported(all, await machineProblems(root, world));
    addUnreported(all, await accountProblems(root, world, signal));
  }
  if (templatesIn(root).length > 0) {
    const { templateProblems } = await import("../check/templates.ts");
    addUnreported(all, await templateProblems(root, world));
  }
  if (nodeAt(root, ["exec", "env"])) {
    const { variableProblems } = await import("../check/variables.ts");
    addUnreported(all, variableProblems(root));
  }
}

/** One problem for each position: a command that is invalid for several reasons needs one correction. */
function addUnreported(all: Problem[], found: readonly Problem[]): void {
  const reported = new Set(all.map(({ position }) => formatPosition(position)));
  all.push(...found.filter(({ position }) => !reported.has(formatPosition(position))));
}

/** `2 services, 4 instances, containers, 1 destination, 1 template`. */
function contentsOf({ presence, watch, exec }: Plan): string {
  const contents = [
    ...(presence && presence.services.length > 0 ? servicesOf(presence.services) : []),
    ...(presence?.docker ? ["containers"] : []),
    ...(presence?.destinations ? [counted(presence.destinations.length, "destination")] : []),
    ...(watch ? [counted(watch.templates.length, "template")] : []),
    ...(exec ? ["a program"] : []),
  ];
  return contents.join(", ");
}

function servicesOf(instances: readonly ServicePlan[]): readonly string[] {
  const services = new Set(instances.map(({ name }) => name));
  return [counted(services.size, "service"), counted(instances.length, "instance")];
}
