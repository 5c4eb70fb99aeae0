import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import type { Fault } from "../../../../lib/base/fault.ts";
import { untilAborted } from "../../../../lib/base/signal.ts";
import { ContainerInformer } from "../../../../lib/clients/docker/container-informer.ts";
import type { Container, Containers } from "../../../../lib/clients/docker/contract.ts";
import { faults } from "../../../../lib/clients/docker/faults.ts";
import { dockerRun } from "../../discover/docker/docker-run.ts";

const web = (change: Partial<Container> = {}) =>
  dockerRun("--name web img", { id: "web", ...change });

/** A lookout whose looks a test answers by hand. */
interface Scene {
  readonly lookout: ContainerInformer;
  readonly cell: Cell<Containers | undefined>;
  /** The ids of those that are being looked at, in the order in which they were begun. */
  readonly asked: string[];
  readonly told: Fault[];
  readonly progress: () => number;
  /** Answers the oldest look at a container. */
  answer(id: string, found: Container | undefined | Error): Promise<void>;
  event(action: string, atMs: number, signal?: number): Promise<void>;
}

function scene(t: TestContext, before?: Containers): Scene {
  const ending = new AbortController();
  const cell = new Cell<Containers | undefined>(before);
  const waiting: { id: string; settle: (found: Container | undefined | Error) => void }[] = [];
  const asked: string[] = [];
  const told: Fault[] = [];
  let progress = 0;
  const lookout = new ContainerInformer(cell, () => {
    progress += 1;
  });
  const ask = (id: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Container | undefined>();
    asked.push(id);
    const settle = (found: Container | undefined | Error) =>
      found instanceof Error ? reject(found) : resolve(found);
    waiting.push({ id, settle });
    return promise;
  };
  const looking = [1, 2].map(() =>
    untilAborted(
      ending.signal,
      lookout.look(ask, (fault) => told.push(fault), ending.signal),
    ),
  );
  t.after(async () => {
    ending.abort(new Error("the test is over"));
    for (const { settle } of waiting) settle(undefined);
    await Promise.all(looking);
  });
  return {
    lookout,
    cell,
    asked,
    told,
    progress: () => progress,
    answer: async (id, found) => {
      const at = waiting.findIndex((one) => one.id === id);
      assert.ok(at >= 0, `${id} is not looked at`);
      waiting.splice(at, 1)[0]?.settle(found);
      await turns();
    },
    event: async (action, atMs, signal) => {
      lookout.onEvent({ id: "web", action, atMs, signal });
      await turns();
    },
  };
}

/** Lets all that can run without time passing run. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function listed(t: TestContext, container = web()): Promise<Scene> {
  const one = scene(t);
  one.lookout.onList([container.id]);
  await turns();
  await one.answer(container.id, container);
  return one;
}

const shown = ({ cell }: Scene) => [...(cell.value ?? new Map()).keys()];

test("nothing is shown before all that was listed has been looked at", async (t) => {
  const one = scene(t);
  one.lookout.onList(["a", "b", "c"]);
  await turns();
  await one.answer("b", web({ id: "b" }));
  await one.answer("a", web({ id: "a" }));
  assert.equal(one.cell.value, undefined);
  await one.answer("c", undefined);
  assert.deepEqual(shown(one), ["a", "b"]);
  assert.equal(one.cell.version, 1);
});

test("an engine that runs nothing says so", async (t) => {
  const one = scene(t);
  assert.equal(one.cell.value, undefined);
  one.lookout.onList([]);
  assert.equal(one.cell.version, 1);
  assert.deepEqual(shown(one), []);
});

test("what is heard before the list is there is looked at with it", async (t) => {
  const one = scene(t);
  await one.event("start", 2000);
  await one.answer("web", web());
  assert.equal(one.cell.value, undefined);
  one.lookout.onList(["web"]);
  await turns();
  await one.answer("web", web());
  assert.deepEqual(shown(one), ["web"]);
});

test("an event costs one look, at one container", async (t) => {
  const one = await listed(t);
  await one.event("start", 2000);
  assert.deepEqual(one.asked, ["web", "web"]);
});

test("what has happened since is asked for again; the old answer does not count", async (t) => {
  const one = await listed(t);
  await one.event("pause", 2000);
  await one.event("unpause", 2001);
  assert.equal(one.asked.length, 2, "one look at a time");
  await one.answer("web", web({ state: "paused" }));
  assert.equal(one.cell.value?.get("web")?.state, "running");
  await one.answer("web", web({ name: "after" }));
  assert.equal(one.cell.value?.get("web")?.name, "after");
});

test("a container that dies is gone at once, before anybody has looked", async (t) => {
  const one = await listed(t);
  await one.event("die", 2000);
  assert.deepEqual(shown(one), []);
  await one.answer("web", undefined);
  assert.equal(one.cell.version, 2);
});

test("the death of an earlier run is an old story", async (t) => {
  const one = await listed(t, web({ startedMs: 3000 }));
  await one.event("die", 2000);
  assert.deepEqual(shown(one), ["web"]);
  await one.answer("web", web({ startedMs: 3000 }));
  assert.equal(one.cell.version, 1);
});

test("what did not change is the same object, and wakes nobody", async (t) => {
  const one = await listed(t);
  const { value, version } = one.cell;
  await one.event("rename", 2000);
  await one.answer("web", web());
  assert.equal(one.cell.value, value);
  assert.equal(one.cell.version, version);
});

test("what did not change while nobody listened is the same object", async (t) => {
  const first = await listed(t);
  const second = scene(t, first.cell.value);
  second.lookout.onList(["web"]);
  await turns();
  await second.answer("web", web());
  assert.equal(second.cell.value?.get("web"), first.cell.value?.get("web"));
});

const signals: readonly (readonly [name: string, signal: number | undefined, stopping: boolean])[] =
  [
    ["TERM", 15, true],
    ["KILL", 9, true],
    ["the container's own", 3, true],
    ["HUP", 1, false],
    ["USR1", 10, false],
    ["one that the engine does not name", undefined, false],
  ];

for (const [name, signal, stopping] of signals) {
  test(`${name} ${stopping ? "is a stop" : "is no stop"}`, async (t) => {
    const one = await listed(t, web({ stopSignal: 3 }));
    await one.event("kill", 2000, signal);
    assert.equal(one.cell.value?.get("web")?.stopping, stopping);
    await one.answer("web", web({ stopSignal: 3 }));
    assert.equal(one.cell.value?.get("web")?.stopping, stopping, "and stays so");
  });
}

test("a stop is over with the run that was stopped", async (t) => {
  const one = await listed(t);
  await one.event("kill", 2000, 15);
  await one.answer("web", web());
  await one.event("die", 2100);
  await one.answer("web", undefined);
  await one.event("start", 2200);
  await one.answer("web", web({ startedMs: 2150 }));
  assert.equal(one.cell.value?.get("web")?.stopping, false);
});

test("a stop that was heard before the container was known counts", async (t) => {
  const one = scene(t);
  await one.event("kill", 2000, 3);
  await one.event("kill", 2001, 1);
  await one.answer("web", undefined);
  await one.answer("web", web({ stopSignal: 3 }));
  one.lookout.onList([]);
  assert.equal(one.cell.value?.get("web")?.stopping, true);
});

test("a stop that was heard before the connection broke is remembered", async (t) => {
  const first = await listed(t);
  await first.event("kill", 2000, 15);
  const second = scene(t, first.cell.value);
  second.lookout.onList(["web"]);
  await turns();
  await second.answer("web", web());
  assert.equal(second.cell.value?.get("web")?.stopping, true);
});

const silent = faults.DOCKER_TIMEOUT({ socket: "s", what: "answer", limitMs: 1 });

test("one that cannot be looked at stays as it was, holds up nobody, and is tried again", async (t) => {
  const before = await listed(t);
  const one = scene(t, before.cell.value);
  one.lookout.onList(["web", "other"]);
  await turns();
  await one.answer("other", web({ id: "other" }));
  await one.answer("web", silent);
  assert.deepEqual(shown(one), ["other", "web"]);
  assert.deepEqual(one.told, [silent]);
  assert.equal(one.progress(), 0, "not all is as the engine says");
  one.lookout.resync();
  await turns();
  await one.answer("web", web({ name: "after" }));
  assert.equal(one.cell.value?.get("web")?.name, "after");
  assert.ok(one.progress() > 0);
});

test("that it can be looked at again is progress, though it is as it was", async (t) => {
  const one = await listed(t);
  await one.event("pause", 2000);
  await one.answer("web", silent);
  assert.equal(one.progress(), 1);
  one.lookout.resync();
  await turns();
  await one.answer("web", web());
  assert.equal(one.progress(), 2);
  assert.equal(one.cell.version, 1);
});

test("who is heard of while the list is looked at holds nothing up", async (t) => {
  const one = scene(t);
  one.lookout.onList(["other"]);
  await one.event("start", 2000);
  await one.answer("other", web({ id: "other" }));
  assert.deepEqual(shown(one), ["other"]);
  await one.answer("web", web());
  assert.deepEqual(shown(one), ["other", "web"]);
});

test("one that was never seen and cannot be looked at is left out", async (t) => {
  const one = scene(t);
  one.lookout.onList(["web"]);
  await turns();
  await one.answer("web", faults.DOCKER_FAILED({ socket: "s", what: "answer", why: "no" }));
  assert.deepEqual(shown(one), []);
});

test("who is to become healthy is looked at again, in case that nobody tells", async (t) => {
  const one = await listed(t, web({ health: { status: "starting", says: "" } }));
  one.lookout.resync();
  await turns();
  await one.answer("web", web({ health: { status: "healthy", says: "" } }));
  assert.equal(one.cell.value?.get("web")?.health.status, "healthy");
  one.lookout.resync();
  await turns();
  assert.equal(one.asked.length, 2);
});

test("any other fault ends the look", async () => {
  const cell = new Cell<Containers | undefined>(undefined);
  const lookout = new ContainerInformer(cell, () => {});
  const refused = faults.DOCKER_REFUSED({ socket: "s", what: "answer", status: 403, why: "no" });
  lookout.onList(["web"]);
  const look = lookout.look(
    async () => Promise.reject(refused),
    () => {},
    new AbortController().signal,
  );
  await assert.rejects(look, refused);
  assert.equal(cell.value, undefined);
});
