import { isDeepStrictEqual } from "node:util";
import type { Plan, ServicePlan, TemplatePlan } from "../../lib/config/plan.ts";
import { instanceOf } from "../../lib/discover/static.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { type ReloadedSetting, settings } from "./settings.ts";

/** What a configuration has that another one has not. */
export interface Differences {
  /** A clause for each; empty if both are the same. */
  readonly changes: readonly string[];
  /** The settings that only another process can use. */
  readonly needRestart: readonly string[];
}

export function differences(before: Plan, after: Plan): Differences {
  const sections = (["presence", "watch"] as const).flatMap((name) => {
    const [had, has] = [before[name] !== undefined, after[name] !== undefined];
    if (had === has) return [];
    return [has ? `${name}: starts` : `${name}: stops`];
  });
  const both = {
    presence: before.presence && after.presence,
    watch: before.watch && after.watch,
  };
  const changed = settings.filter(({ setting, with: other, of }) => {
    if (other !== undefined && (of(before) === undefined || of(after) === undefined)) return false;
    const section = setting.split(".")[0];
    const isOfBoth = section === "presence" || section === "watch" ? both[section] : true;
    return isOfBoth && !isDeepStrictEqual(of(before), of(after));
  });
  const changes = [
    ...sections,
    ...(both.presence ? services(before, after) : []),
    ...(both.watch ? templates(before, after) : []),
    ...changed.map((one) => `setting changed: ${nameOfSetting(one)}`),
  ];
  // Destinations are opened when the process starts.
  const appears = !before.presence && after.presence?.destinations !== undefined;
  const needRestart = changed.filter((one) => one.needsRestart).map(nameOfSetting);
  return {
    changes,
    needRestart: appears ? [...needRestart, "presence.destinations"] : needRestart,
  };
}

function nameOfSetting({ setting, with: other }: ReloadedSetting): string {
  return other === undefined ? setting : `${setting} with ${other}`;
}

function services({ presence: before }: Plan, { presence: after }: Plan): readonly string[] {
  const byName = (all: readonly ServicePlan[] = []) =>
    new Map(all.map((one) => [nameOf(instanceOf(one)), one]));
  return listed("instance", byName(before?.services), byName(after?.services));
}

function templates({ watch: before }: Plan, { watch: after }: Plan): readonly string[] {
  const byTarget = (all: readonly TemplatePlan[] = []) =>
    new Map(all.map((one) => [one.target.path, one]));
  return listed("file", byTarget(before?.templates), byTarget(after?.templates));
}

/** How many names of each kind are listed. */
const most = 20;

function listed(
  kind: "instance" | "file",
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly string[] {
  const added = [...after.keys()].filter((name) => !before.has(name));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const isOther = (name: string) => !isDeepStrictEqual(before.get(name), after.get(name));
  const changed = [...after.keys()].filter((name) => before.has(name) && isOther(name));
  const line = (what: string, names: readonly string[]) => {
    const more = names.length > most ? ` and ${names.length - most} more` : "";
    return names.length === 0 ? [] : [`${kind} ${what}: ${names.slice(0, most).join(", ")}${more}`];
  };
  return [...line("added", added), ...line("changed", changed), ...line("removed", removed)];
}
