import { counted } from "../../lib/base/counted.ts";
import type { Log } from "../../lib/base/log.ts";
import { accountProblems } from "../../lib/config/account-problems.ts";
import { formatPosition, problemLines } from "../../lib/config/located/problem.ts";
import type { ObjectNode } from "../../lib/config/located/tree.ts";
import { machineProblems } from "../../lib/config/machine-problems.ts";
import type { Plan, ServicePlan } from "../../lib/config/plan.ts";
import { templatesIn } from "../../lib/config/templates-in.ts";
import { examine } from "../check/examine.ts";
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
  const ofMachine = async (root: ObjectNode) => {
    if (!machine) return [];
    return [
      ...(await machineProblems(root, world)),
      ...(await accountProblems(root, world, signal)),
    ];
  };
  const { plan, root, problems: all, ...examined } = await examine(files, world, ofMachine);
  const warnings = [...examined.warnings];
  if (plan?.watch?.policies) {
    const { policyWarnings } = await import("../check/policy-warnings.ts");
    warnings.push(...policyWarnings(plan, world.clock));
  }
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
