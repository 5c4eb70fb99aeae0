import assert from "node:assert/strict";
import { test } from "node:test";
import { renamedSettings } from "../../../lib/config/renamed-settings.ts";
import { planFrom, problemsOf } from "./problems-of.ts";

const service = "services: [{ name: web, host: 10.0.0.1, port: 80 }]";
const templates = "templates: [{ source: a, target: b }]";

const presence = (rest: string) => `presence: { ${rest}, ${service} }`;
const watch = (rest: string) => `watch: { ${rest}, ${templates} }`;

/** A configuration with an old name, and the problem that it is. */
const files: readonly (readonly [string, string])[] = [
  [
    presence("linger: 1s"),
    "sidekick.yaml:1:13: presence.linger was renamed: use presence.drainDelay",
  ],
  [
    presence("drain: 10s"),
    "sidekick.yaml:1:13: presence.drain was renamed: use presence.shutdownTimeout",
  ],
  [
    watch("lastGood: false"),
    "sidekick.yaml:1:10: watch.lastGood was renamed: use watch.snapshotCache",
  ],
  [
    watch("guard: { hold: 1m }"),
    "sidekick.yaml:1:19: watch.guard.hold was renamed: use watch.guard.retain",
  ],
  [
    watch("guard: { services: { web-1: { hold: 1m } } }"),
    "sidekick.yaml:1:40: watch.guard.services.web-1.hold was renamed: use watch.guard.services.web-1.retain",
  ],
];

/** A variable with an old name, and the new name. */
const variables: Readonly<Record<string, string>> = {
  SIDEKICK_PRESENCE_LINGER: "SIDEKICK_PRESENCE_DRAIN_DELAY",
  SIDEKICK_PRESENCE_DRAIN: "SIDEKICK_PRESENCE_SHUTDOWN_TIMEOUT",
  SIDEKICK_WATCH_LAST_GOOD: "SIDEKICK_WATCH_SNAPSHOT_CACHE",
  SIDEKICK_WATCH_GUARD_HOLD: "SIDEKICK_WATCH_GUARD_RETAIN",
  SIDEKICK_WATCH_GUARD_SERVICES_WEB_1_HOLD: "SIDEKICK_WATCH_GUARD_SERVICES_WEB_1_RETAIN",
};

for (const [text, problem] of files) {
  test(`an old name is the only problem, and names the new one: ${problem}`, () => {
    assert.deepEqual(problemsOf(text), [problem]);
  });
}

test("a variable with an old name is a problem that names the new one", () => {
  const text = `${presence("ttl: 10s")}\n${watch("guard: { services: { web-1: { min: 1 } } }")}`;
  for (const [old, current] of Object.entries(variables)) {
    assert.deepEqual(problemsOf(text, { [old]: "1s" }), [
      `${old}: this setting was renamed: use ${current}`,
    ]);
  }
});

test("every new name is a setting, and every rename is tested", () => {
  const plan = planFrom(
    `${presence("drainDelay: 2s, shutdownTimeout: 20s")}
${watch("snapshotCache: false, guard: { retain: 1m, services: { web: { retain: 2m } } }")}`,
  );
  assert.equal(plan.presence?.drainDelayMs, 2000);
  assert.equal(plan.presence?.shutdownTimeoutMs, 20_000);
  assert.equal(plan.watch?.snapshotCache, false);
  assert.equal(renamedSettings.length, files.length);
  assert.equal(renamedSettings.length, Object.keys(variables).length);
});

test("an old name at another place is an unknown key", () => {
  const text = presence("linger: 1s").replace("port: 80", "port: 80, drain: 1s");
  assert.deepEqual(problemsOf(text), [
    "sidekick.yaml:1:13: presence.linger was renamed: use presence.drainDelay",
    "sidekick.yaml:1:75: presence.services[0].drain is not known here: expected one of name, host, port, id, instance, weight, labels, options, verbatim, checks, path, entry, encodedName, nodeName",
  ]);
});
