import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../../lib/base/sharing-map.ts";
import type { Container } from "../../../../lib/clients/docker/contract.ts";
import { Findings } from "../../../../lib/discover/docker/findings.ts";
import { instancesOf } from "../../../../lib/discover/docker/instances.ts";
import { schema } from "../../../../lib/discover/docker/schema.ts";
import { dockerRun, here } from "./docker-run.ts";

/** Reads containers as discovery does, and counts how many. */
function reading(settings: object = {}) {
  const read: string[] = [];
  const findings = new Findings((container, hostAddress) => {
    read.push(container.name);
    return instancesOf(container, schema.parse(settings), { ...here, hostAddress });
  });
  return { read, findings };
}

const at = here.hostAddress;

const containers = (...all: readonly Container[]) =>
  SharingMap.of(all.map((container) => [container.id, container]));

const [a, b] = ["a", "b"].map((name) => dockerRun(`--name ${name} -p 8000:80 web`));
assert.ok(a && b);

test("only a container that has changed is read again; who is the same is the same object", () => {
  const { read, findings } = reading();
  const first = findings.after(containers(a, b), at);
  const second = first.after(containers(a, { ...b, state: "paused" }), at);
  assert.deepEqual(read, ["a", "b", "b"]);
  const [before, after] = [first.discovered(), second.discovered()];
  assert.equal(after.found[0], before.found[0]);
  assert.notEqual(after.found[1], before.found[1]);
  assert.deepEqual(after.found[1]?.standing, { state: "down", why: "it is paused" });
  assert.equal(after.found[1]?.instance, before.found[1]?.instance);
  assert.equal(after.found[1]?.checks, before.found[1]?.checks);
});

test("a container that was read again and says the same is the same object", () => {
  const { findings } = reading();
  const first = findings.after(containers(a), at);
  const second = first.after(containers({ ...a, labels: { other: "label" } }), at);
  assert.equal(second.discovered().found[0], first.discovered().found[0]);
});

test("when the machine has another address, all of them are read again", () => {
  const { findings } = reading();
  const moved = findings.after(containers(a, b), at).after(containers(a, b), "10.0.0.9");
  assert.deepEqual(
    moved.discovered().found.map(({ instance }) => instance.host),
    ["10.0.0.9", "10.0.0.9"],
  );
});

test("they come in the order in which they were started", () => {
  const { findings } = reading();
  const late = { ...a, startedMs: 2000 };
  const { found } = findings.after(containers(late, b), at).discovered();
  assert.deepEqual(
    found.map(({ instance }) => instance.name),
    ["b", "a"],
  );
});

test("of two by one name the one counts that was there first; the other is named", () => {
  const { findings } = reading();
  const rivals = [2000, 1000].map((startedMs, i) =>
    dockerRun(`--name rival-${i} -p 800${i}:80 -l SERVICE_ID=one web`, { startedMs }),
  );
  const { found, quarantined } = findings.after(containers(...rivals), at).discovered();
  assert.deepEqual(
    found.map(({ instance }) => instance.name),
    ["rival-1"],
  );
  assert.deepEqual(quarantined, [
    {
      what: "container rival-0, announced port 8000",
      why: "another container is web/one already: give one of them an id of its own",
    },
  ]);
});
