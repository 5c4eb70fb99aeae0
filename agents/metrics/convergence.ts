import type { Family } from "../../lib/metrics/contract.ts";
import { Histogram } from "../../lib/metrics/histogram.ts";
import type { Batch, Entry } from "../../lib/model/entry.ts";
import { stampOf } from "../../lib/model/stamp.ts";
import { ClockOffsets } from "./clock-offsets.ts";

/** A longer time is that of an entry that something else kept from the files, in milliseconds. */
const longestMs = 3_600_000;

/**
 * How long it takes from the stamp of an entry until this watcher has verified that it is served. The clocks of two machines differ:
 * what is known of that is subtracted. Entries that were stamped before the last full list of their keyspace do not count: when they
 * were put is not known.
 */
export class Convergence {
  readonly #durations = new Histogram(
    "sidekick_convergence_seconds",
    "Time from the stamp of an entry until a proxy, or a file without one, was verified to have it, in seconds; only with presence.stamp",
    "kind",
  );
  readonly #offsets = new ClockOffsets();
  readonly #nowMs: () => number;
  #sinceMs: number;

  /** `nowMs`: the time of this machine in milliseconds since 1970. */
  constructor(nowMs: () => number = () => Date.now()) {
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  /** Compares the stamps of entries that arrive with the time of this machine. */
  readonly onBatch = (batch: Batch): void => {
    const nowMs = this.#nowMs();
    if (batch.kind === "reset") {
      this.#sinceMs = nowMs;
      return;
    }
    for (const { value, owner } of batch.put.values()) {
      const atMs = stampOf(value);
      if (atMs !== undefined) this.#offsets.add(owner, atMs, nowMs);
    }
  };

  /** Adds an entry that is served from now on, and was not before, or as it was `before`. */
  readonly onVerified = (before: Entry | undefined, { value, owner }: Entry): void => {
    const atMs = stampOf(value);
    if (atMs === undefined || atMs === stampOf(before?.value ?? "")) return;
    const putMs = atMs + this.#offsets.of(owner);
    const tookMs = this.#nowMs() - putMs;
    if (putMs < this.#sinceMs || tookMs < 0 || tookMs > longestMs) return;
    this.#durations.observe(kindOf(before, value), tookMs);
  };

  get families(): readonly Family[] {
    const offsetMs = this.#offsets.largestMs;
    return [
      this.#durations.family,
      {
        name: "sidekick_clock_offset_seconds",
        help: "By how much the clock of an agent and that of this watcher differ at the most, as far as stamps show, in seconds",
        type: "gauge",
        samples: offsetMs === undefined ? [] : [{ value: offsetMs / 1000 }],
      },
    ];
  }
}

/** `leave`: it gets no new requests. */
function kindOf(before: Entry | undefined, value: string): "join" | "change" | "leave" {
  const { weight } = JSON.parse(value) as { readonly weight?: unknown };
  if (weight === 0) return "leave";
  return before ? "change" : "join";
}
