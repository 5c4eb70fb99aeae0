import assert from "node:assert/strict";
import { test } from "node:test";
import { planFrom, problemsOf } from "./problems-of.ts";

const watch = (together: string, rest = "") =>
  `watch: { ${rest} together: ${together}, templates: [{ source: a, target: b }] }`;

const etcd = "keyspace: etcd://127.0.0.1:2379\n";

test("watchers that take turns have defaults, and a number or a share", () => {
  const { watch: plan } = planFrom(etcd + watch("{ group: edge }"));
  assert.deepEqual(plan?.together, {
    ...{ group: "edge", max: { count: 1 }, holdMs: 60_000, settleMs: 5000, canary: false },
    otherwise: { waitMs: 120_000, isAlone: true },
  });
  const some = planFrom(
    `${etcd}${watch('{ group: edge, max: "25%", otherwise: { then: never } }')}`,
  );
  assert.deepEqual(some.watch?.together?.max, { share: 0.25 });
  assert.equal(some.watch?.together?.otherwise.isAlone, false);
});

const bad: readonly [text: string, problem: RegExp][] = [
  [etcd + watch("{ group: edge, max: 0 }"), /expected a number of at least 1, or a share/],
  [etcd + watch('{ group: edge, max: "0%" }'), /expected a number of at least 1, or a share/],
  [etcd + watch("{ group: a/b }"), /expected a name of letters/],
  [etcd + watch("{ group: edge }", "acknowledge: false,"), /remove acknowledge: false$/],
  [watch("{ group: edge }"), /cannot take turns in the keyspace file:.*: expected etcd/],
  [`keyspace: "env:"\n${watch("{ group: edge }")}`, /cannot take turns in the keyspace env:/],
];

for (const [text, problem] of bad) {
  test(`it is a problem: ${text.replaceAll("\n", " ")}`, () => {
    const problems = problemsOf(text);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", problem);
  });
}
