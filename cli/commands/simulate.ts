import { faults as agentFaults } from "../../agents/faults.ts";
import { openGroups } from "../../agents/watch/groups.ts";
import type { Asked } from "../../agents/watch/simulate/alteration.ts";
import { simulate as simulateOn } from "../../agents/watch/simulate/simulate.ts";
import type { Verdict } from "../../agents/watch/simulate/simulation.ts";
import { printableLines } from "../../lib/base/printable.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { formatSimulation, reportOf, type SimulationReport } from "../format-simulation.ts";
import { printJson } from "../print-json.ts";
import { type ReadFrom, snapshotFor } from "../snapshots.ts";
import { sentenceLog, silent } from "../standard-error.ts";
import type { World } from "../world.ts";

export interface SimulateOptions extends ReadFrom {
  readonly files: readonly string[];
  readonly asked: Asked;
  /** Print JSON instead of text. */
  readonly json: boolean;
}

const codes: Readonly<Record<Verdict, number>> = {
  accepted: 0,
  "accepted in part": 3,
  refused: 1,
};

/**
 * Prints what a watcher of the configuration would do if the keyspace had other entries, and changes nothing. Returns 0 if it would
 * be accepted, 3 if something would be retained or quarantined, 1 if a text would be refused. Throws AGENT_SECTION_MISSING, and the
 * faults of `simulate`.
 */
export async function simulate(
  { files, asked, json, ...from }: SimulateOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const log = sentenceLog(world.err);
  const onWarning = (sentence: string) => log.warn("setting_unknown", sentence);
  const plan = await loadConfig(files, { ...world, onWarning });
  const { watch } = plan;
  if (!watch) throw agentFaults.AGENT_SECTION_MISSING({ files, section: "watch" });
  const snapshot = await snapshotFor(plan, watch.templates, from, world, signal);
  const groups = await openGroups(watch, world);
  const deps = { ...world, log: silent };
  const simulation = await simulateOn(watch, groups, snapshot, asked, deps, signal);
  const report = reportOf(simulation);
  if (json) printJson(report, world);
  else world.out.write(asText(report));
  return codes[simulation.verdict];
}

/** The findings, and then the differences as they are. */
function asText(report: SimulationReport): string {
  const diffs = report.groups.flatMap(({ files }) => files.map(({ diff }) => diff));
  return [printableLines(formatSimulation(report)), ...diffs].join("");
}
