import { printableJson } from "../base/printable.ts";
import type { InstanceStatus, StatusReport } from "./contract.ts";
import { countOf } from "./reasons.ts";

/** The most bytes of each list as JSON; together they leave room for the rest of 1 MB. */
const mostBytes = {
  reasons: 100_000,
  instances: 250_000,
  quarantined: 150_000,
  retained: 50_000,
  templates: 125_000,
  loops: 125_000,
};

/** A report of at most 1 MB as JSON, however long its lists are: what needs attention is kept, and the rest is counted. */
export function limited(report: StatusReport): StatusReport {
  const { presence, watch } = report;
  const reasons = split(report.reasons, mostBytes.reasons);
  const instances = split(presence?.instances ?? [], mostBytes.instances, needsAttention);
  const found = split(presence?.quarantined ?? [], mostBytes.quarantined);
  const entries = split(watch?.quarantined ?? [], mostBytes.quarantined);
  const retained = split(watch?.retained ?? [], mostBytes.retained);
  const templates = split(
    watch?.templates ?? [],
    mostBytes.templates,
    ({ state }) => state !== "in sync",
  );
  const loops = split(
    report.loops,
    mostBytes.loops,
    ({ state, overdueSince }) => state === "failing" || overdueSince !== undefined,
  );
  const omitted = {
    reasons: countOf(reasons.omitted),
    instances: instances.omitted.length,
    registered: instances.omitted.filter((one) => one.registered).length,
    draining: instances.omitted.filter((one) => one.registered && one.draining).length,
    quarantined: found.omitted.length + entries.omitted.length,
    retained: retained.omitted.length,
    templates: templates.omitted.length,
    inSync: templates.omitted.filter(({ state }) => state === "in sync").length,
    loops: loops.omitted.length,
  };
  if (Object.values(omitted).every((count) => count === 0)) return report;
  return {
    ...report,
    reasons: reasons.kept,
    ...(presence && {
      presence: { ...presence, instances: instances.kept, quarantined: found.kept },
    }),
    ...(watch && {
      watch: {
        ...watch,
        templates: templates.kept,
        quarantined: entries.kept,
        retained: retained.kept,
      },
    }),
    loops: loops.kept,
    omitted,
  };
}

function needsAttention({ verdict, registered, draining, proxies }: InstanceStatus): boolean {
  return verdict !== "up" || !(registered || draining) || proxies !== undefined;
}

interface Split<Item> {
  /** In the order of the list. */
  readonly kept: readonly Item[];
  readonly omitted: readonly Item[];
}

/** Keeps as many items as have room, the important ones first. */
function split<Item>(
  items: readonly Item[],
  bytes: number,
  isImportant: (item: Item) => boolean = () => false,
): Split<Item> {
  const kept = new Set<Item>();
  let left = bytes;
  for (const important of [true, false]) {
    for (const item of items) {
      if (isImportant(item) !== important) continue;
      left -= sizeOf(item);
      if (left < 0) break;
      kept.add(item);
    }
  }
  return {
    kept: kept.size === items.length ? items : items.filter((item) => kept.has(item)),
    omitted: items.filter((item) => !kept.has(item)),
  };
}

/** At least the bytes of an item in the report: its fields are indented by 8 spaces there, and its brackets by 6. */
function sizeOf(item: unknown): number {
  return Buffer.byteLength(printableJson(item, 8)) + 2 * 6 + 2;
}
