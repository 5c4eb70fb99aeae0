import { markdownTable } from "../docs/generate/markdown.ts";
import { median, quantile } from "./figures.ts";
import type { FollowFigures } from "./follow-load.ts";

const header = [
  "store",
  "keys",
  "bare read ms",
  "first snapshot ms",
  "÷ bare read",
  "bare event p50 / p99 ms",
  "put → snapshot p50 / p99 ms",
  "÷ bare event",
  "bare CPU µs per change",
  "CPU µs per change",
  "÷ bare CPU",
  "memory before / idle / peak MB",
  "heap bytes per key",
  "bytes of key and value",
];

/** A row for each store and number of keys. */
export function followTable(all: readonly FollowFigures[]): string {
  return markdownTable(header, all.map(row));
}

function row({ store, keys, bare, ours, ...figures }: FollowFigures): readonly string[] {
  const [readMs, snapshotMs] = [median(bare.loadMs), median(ours.loadMs)];
  const { emptyMb, restMb, peakMb } = figures;
  return [
    store,
    String(keys),
    readMs.toFixed(0),
    snapshotMs.toFixed(0),
    (snapshotMs / readMs).toFixed(1),
    spread(bare.changeMs),
    spread(ours.changeMs),
    (median(ours.changeMs) / median(bare.changeMs)).toFixed(2),
    (bare.cpuMs * 1000).toFixed(0),
    (ours.cpuMs * 1000).toFixed(0),
    (ours.cpuMs / bare.cpuMs).toFixed(1),
    [emptyMb, restMb, peakMb].map((mb) => mb.toFixed(0)).join(" / "),
    figures.heapPerKey.toFixed(0),
    figures.textPerKey.toFixed(0),
  ];
}

function spread(ms: readonly number[]): string {
  return `${median(ms).toFixed(2)} / ${quantile(ms, 0.99).toFixed(1)}`;
}
