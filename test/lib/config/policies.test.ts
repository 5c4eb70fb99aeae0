import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../../lib/config/load.ts";
import { problemsOf } from "./problems-of.ts";

const base = (policies: string) => `
keyspace: file:./keys
watch:
  policies: ${policies}
  templates: [{ source: t.hbs, target: out }]
`;

const policiesOf = (policies: string, env: Readonly<Record<string, string>> = {}) =>
  parseConfig(base(policies), "sidekick.yaml", "yaml", { env, hostName: "h" }).watch?.policies;

test("a service inherits the policies that it leaves out, and false is none", () => {
  const rules = policiesOf(
    `{ slowStart: {}, zones: { value: "$\{ZONE}" }, services: { web: { canary: { value: "2", share: 5% } }, db: { slowStart: false } } }`,
    { ZONE: "b" },
  );
  const slowStart = { windowMs: 60_000, aggression: 1, min: 0.1 };
  const zones = { label: "zone", value: "b", spill: 0.7, min: 2 };
  const canary = { label: "version", value: "2", share: 0.05 };
  assert.deepEqual(rules, {
    all: { slowStart, zones },
    services: { web: { slowStart, zones, canary }, db: { zones } },
  });
  assert.deepEqual(policiesOf("{ subset: {} }"), { all: { subset: { min: 12 } }, services: {} });
});

test("a value that no policy can have is a problem of the configuration", () => {
  for (const [policies, message] of [
    ["{ slowStart: { min: 0% } }", /expected a share of 1% to 100%/],
    ["{ slowStart: { window: 500ms } }", /at least 2s/],
    ["{ slowStart: { aggression: 0 } }", /aggression/],
    ["{ zones: {} }", /value/],
    ["{ zones: { value: a, spill: 120% } }", /expected a share such as 50%/],
    ["{ subset: { min: 0 } }", /min/],
    ["{ canary: { value: 2, share: 5% } }", /value/],
    [`{ canary: { value: "2", share: 100% } }`, /expected a share of 0.1% to 99%/],
    ["{ slowstart: {} }", /slowStart/],
  ] as const) {
    assert.match(problemsOf(base(policies)).join("\n"), message, policies);
  }
});
