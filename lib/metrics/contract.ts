/** All samples of one metric. Names and units follow the conventions of Prometheus. */
export interface Family {
  readonly name: string;
  /** What it measures, in one sentence without a final period. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** It is of one family and never changes. */
export interface Sample {
  /** Follows the name of the family in its line: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels?: Labels;
  readonly value: number;
}

/** Values by the name of the label. Only what the configuration or the program bounds may be a value. */
export type Labels = Readonly<Record<string, string>>;

/** A metric that is recorded as things happen. */
export interface Recorded {
  readonly family: Family;
}
