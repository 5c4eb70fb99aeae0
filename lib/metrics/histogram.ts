import type { Family, Recorded, Sample } from "./contract.ts";

/** The upper bounds of the buckets, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The observations for one value of the label. */
interface Series {
  /** The number of observations in each bucket, and above the last one. */
  readonly counts: number[];
  sumMs: number;
}

/** The distribution of durations, by the value of one label. */
export class Histogram implements Recorded {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, label: string) {
    this.#name = name;
    this.#help = help;
    this.#label = label;
  }

  /** Adds a duration in milliseconds. */
  observe(value: string, durationMs: number): void {
    const known = this.#series.get(value);
    const series = known ?? { counts: new Array<number>(bounds.length + 1).fill(0), sumMs: 0 };
    if (!known) this.#series.set(value, series);
    const at = bounds.findIndex((bound) => durationMs <= bound * 1000);
    const bucket = at < 0 ? bounds.length : at;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sumMs += durationMs;
  }

  get family(): Family {
    const samples = Array.from(this.#series, ([value, series]) =>
      samplesOf({ [this.#label]: value }, series),
    );
    return {
      ...{ name: this.#name, help: this.#help, type: "histogram" },
      samples: samples.flat(),
    };
  }
}

function samplesOf(
  labels: Readonly<Record<string, string>>,
  { counts, sumMs }: Series,
): readonly Sample[] {
  let cumulative = 0;
  const buckets = counts.map((count, i): Sample => {
    cumulative += count;
    const le = i < bounds.length ? String(bounds[i]) : "+Inf";
    return { suffix: "_bucket", labels: { ...labels, le }, value: cumulative };
  });
  const sum: Sample = { suffix: "_sum", labels, value: sumMs / 1000 };
  return [...buckets, sum, { suffix: "_count", labels, value: cumulative }];
}
