import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter } from "../../../lib/metrics/counter.ts";
import { Histogram } from "../../../lib/metrics/histogram.ts";
import { formatFamilies } from "../../../lib/metrics/text.ts";

test("labels and help are escaped, and values are written as Prometheus reads them", () => {
  const text = formatFamilies([
    {
      ...{ name: "a_total", help: 'a "b" \\ c\nd', type: "counter" },
      samples: [
        { labels: { code: 'x"y\\z\nw', other: "" }, value: 1e21 },
        { value: Number.POSITIVE_INFINITY },
        { value: Number.NEGATIVE_INFINITY },
        { value: Number.NaN },
      ],
    },
    { name: "empty", help: "no samples", type: "gauge", samples: [] },
  ]);
  assert.equal(
    text,
    '# HELP a_total a "b" \\\\ c\\nd\n' +
      "# TYPE a_total counter\n" +
      'a_total{code="x\\"y\\\\z\\nw",other=""} 1e+21\n' +
      "a_total +Inf\na_total -Inf\na_total NaN\n",
  );
});

test("a counter shows the values that it was given before they occur", () => {
  const counter = new Counter("sidekick_faults_total", "Faults", "code", ["A"]);
  counter.increment("B");
  counter.increment("B");
  assert.deepEqual(
    counter.family.samples.map(({ labels, value }) => [labels?.code, value]),
    [
      ["A", 0],
      ["B", 2],
    ],
  );
});

test("the buckets of a histogram are cumulative, and end with all observations", () => {
  const histogram = new Histogram("sidekick_x_seconds", "Durations", "type");
  for (const ms of [0, 5, 5.001, 900, 60_000]) histogram.observe("tcp", ms);
  const { samples } = histogram.family;
  const buckets = samples.filter(({ suffix }) => suffix === "_bucket");
  const values = new Map(buckets.map(({ labels, value }) => [labels?.le, value]));
  assert.deepEqual(
    ["0.005", "0.01", "0.5", "1", "30", "+Inf"].map((le) => values.get(le)),
    [2, 3, 3, 4, 4, 5],
  );
  const rest = samples.filter(({ suffix }) => suffix !== "_bucket");
  assert.deepEqual(
    rest.map(({ suffix, value }) => [suffix, Number(value.toFixed(6))]),
    [
      ["_sum", 60.910001],
      ["_count", 5],
    ],
  );
});
