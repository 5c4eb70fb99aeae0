import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import { emptyRoster, nameOf, roster } from "../../../lib/presence/roster.ts";

const instance = (service: string, id: string) => ({ service, id, host: "10.0.0.1", port: 80 });
const health = (verdicts: Record<string, Verdict>) =>
  SharingMap.of(Object.entries(verdicts).map(([name, verdict]) => [name, { verdict }]));

test("instances and health are joined by service and id", () => {
  const [a, b] = [instance("web", "1"), instance("db", "1")];
  assert.equal(nameOf(a), "web/1");
  const { members } = roster(emptyRoster, [a, b], health({ "db/1": "down", "web/1": "up" }));
  assert.deepEqual(Object.fromEntries(members), {
    "web/1": { instance: a, verdict: "up" },
    "db/1": { instance: b, verdict: "down" },
  });
});

test("an instance without health is unknown, and health without an instance is ignored", () => {
  const a = instance("web", "1");
  const { members } = roster(emptyRoster, [a], health({ "web/2": "up" }));
  assert.deepEqual([...members], [["web/1", { instance: a, verdict: "unknown" }]]);
});

test("a change of health leaves the other members identical", () => {
  const instances = ["1", "2", "3"].map((id) => instance("web", id));
  const before = roster(emptyRoster, instances, health({ "web/1": "up", "web/2": "up" }));
  const after = roster(
    before,
    instances,
    health({ "web/1": "up", "web/2": "down", "web/9": "up" }),
  );
  assert.deepEqual(
    [...after.members.values()].map(({ verdict }) => verdict).join(),
    "up,down,unknown",
  );
  assert.equal(after.members.get("web/1"), before.members.get("web/1"));
  assert.equal(after.members.get("web/3"), before.members.get("web/3"));
  assert.equal(
    roster(after, instances, health({ "web/1": "up", "web/2": "down" })).members,
    after.members,
  );
});

test("an instance that has lost its health is unknown", () => {
  const instances = [instance("web", "1")];
  const before = roster(emptyRoster, instances, health({ "web/1": "up" }));
  const after = roster(before, instances, health({}));
  assert.equal(after.members.get("web/1")?.verdict, "unknown");
});

test("added, removed and changed instances are noticed; unchanged ones keep their identity", () => {
  const [a, b, c] = [instance("web", "a"), instance("web", "b"), instance("web", "c")];
  const before = roster(
    emptyRoster,
    [a, b],
    health({ "web/a": "up", "web/b": "up", "web/c": "down" }),
  );
  const moved = { ...b, port: 81 };
  const after = roster(before, [moved, c, a], before.health);
  assert.deepEqual([...after.members.keys()], ["web/a", "web/b", "web/c"]);
  assert.equal(after.members.get("web/a"), before.members.get("web/a"));
  assert.deepEqual(after.members.get("web/b"), { instance: moved, verdict: "up" });
  assert.deepEqual([...roster(after, [c], after.health).members.keys()], ["web/c"]);
});

test("two instances with the same name are a bug, whatever their verdicts", () => {
  for (const verdict of ["up", "down"] as const) {
    assert.throws(
      () =>
        roster(
          emptyRoster,
          [instance("web", "a"), instance("web", "a")],
          health({ "web/a": verdict }),
        ),
      { name: "Error", message: /web\/a/ },
    );
  }
});
