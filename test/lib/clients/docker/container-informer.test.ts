import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import type { Fault } from "../../../../lib/base/fault.ts";
import { never, untilAborted } from "../../../../lib/base/signal.ts";
import { ContainerInformer } from "../../../../lib/clients/docker/container-informer.ts";
import type { Container, Containers } from "../../../../lib/clients/docker/contract.ts";
import { faults } from "../../../../lib/clients/docker/faults.ts";
import type { ListedContainer } from "../../../../lib/clients/docker/listed.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { dockerRun } from "../../discover/docker/docker-run.ts";

const web = (change: Partial<Container> = {}) =>
  dockerRun("--name web img", { id: "web", ...change });

/** An informer with inspections that the test answers. */
interface Scene {
  readonly informer: ContainerInformer;
  readonly cell: Cell<Containers | undefined>;
  /** The ids of all inspected containers, in order of the start of the inspection. */
  readonly inspected: string[];
  readonly reported: Fault[];
  readonly progress: () => number;
  readonly clock: ManualClock;
  /** Answers the oldest inspection of a container. */
  answer(id: string, found: Container | undefined | Error): Promise<void>;
  event(action: string, atMs: number, signal?: number): Promise<void>;
}

function scene(t: TestContext, before?: Containers, clock = new ManualClock()): Scene {
  const ending = new AbortController();
  const cell = new Cell<Containers | undefined>(before);
  const waiting: { id: string; settle: (found: Container | undefined | Error) => void }[] = [];
  const inspected: string[] = [];
  const reported: Fault[] = [];
  let progress = 0;
  const onProgress = () => {
    progress += 1;
  };
  const informer = new ContainerInformer(cell, onProgress, clock);
  const inspect = (id: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Container | undefined>();
    inspected.push(id);
    const settle = (found: Container | undefined | Error) =>
      found instanceof Error ? reject(found) : resolve(found);
    waiting.push({ id, settle });
    return promise;
  };
  const running = [1, 2].map(() =>
    untilAborted(
      ending.signal,
      informer.inspectDue(inspect, (fault) => reported.push(fault), ending.signal),
    ),
  );
  t.after(async () => {
    ending.abort(new Error("the test is over"));
    for (const { settle } of waiting) settle(undefined);
    await Promise.all(running);
  });
  return {
    informer,
    cell,
    clock,
    inspected,
    reported,
    progress: () => progress,
    answer: async (id, found) => {
      const at = waiting.findIndex((one) => one.id === id);
      assert.ok(at >= 0, `${id} is not being inspected`);
      waiting.splice(at, 1)[0]?.settle(found);
      await turns();
    },
    event: async (action, atMs, signal) => {
      informer.onEvent({ id: "web", action, atMs, signal });
      await turns();
    },
  };
}

const silent = faults.DOCKER_TIMEOUT({ socket: "s", action: "answer", limitMs: 1 });

const running = (id: string): ListedContainer => ({ id, isPaused: false, health: undefined });

const paused = (id: string): ListedContainer => ({ id, isPaused: true, health: undefined });

/** Waits until everything has run that does not depend on time. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function listed(t: TestContext, container = web()): Promise<Scene> {
  const one = scene(t);
  one.informer.onList([running(container.id)]);
  await turns();
  await one.answer(container.id, container);
  return one;
}

const stateOf = ({ cell }: Scene) => cell.value?.get("web")?.state;

const isStopping = ({ cell }: Scene) => cell.value?.get("web")?.stoppingUntilMs !== undefined;

const idsIn = ({ cell }: Scene) => [...(cell.value ?? new Map()).keys()];

test("nothing is published before every listed container has been inspected", async (t) => {
  const one = scene(t);
  one.informer.onList([running("a"), running("b"), running("c")]);
  await turns();
  await one.answer("b", web({ id: "b" }));
  await one.answer("a", web({ id: "a" }));
  assert.equal(one.cell.value, undefined);
  await one.answer("c", undefined);
  assert.deepEqual(idsIn(one), ["a", "b"]);
  assert.equal(one.cell.version, 1);
});

test("the list of an engine without containers is published", async (t) => {
  const one = scene(t);
  assert.equal(one.cell.value, undefined);
  one.informer.onList([]);
  assert.equal(one.cell.version, 1);
  assert.deepEqual(idsIn(one), []);
});

test("a container with an event before the list is inspected again with the list", async (t) => {
  const one = scene(t);
  await one.event("start", 2000);
  await one.answer("web", web());
  assert.equal(one.cell.value, undefined);
  one.informer.onList([running("web")]);
  await turns();
  await one.answer("web", web());
  assert.deepEqual(idsIn(one), ["web"]);
});

test("an event costs one inspection of one container", async (t) => {
  const one = await listed(t);
  await one.event("start", 2000);
  assert.deepEqual(one.inspected, ["web", "web"]);
});

test("after an event during an inspection the container is inspected again, and the first result is discarded", async (t) => {
  const one = await listed(t);
  await one.event("connect", 2000);
  await one.event("rename", 2001);
  assert.equal(one.inspected.length, 2, "one inspection at a time");
  await one.answer("web", web({ name: "between" }));
  assert.equal(one.cell.value?.get("web")?.name, "web");
  await one.answer("web", web({ name: "after" }));
  assert.equal(one.cell.value?.get("web")?.name, "after");
});

test("a pause takes effect at once, without an inspection, which might block", async (t) => {
  const one = await listed(t);
  await one.event("pause", 2000);
  assert.equal(stateOf(one), "paused");
  assert.equal(one.inspected.length, 1);
  await one.event("unpause", 3000);
  assert.equal(stateOf(one), "paused", "it may not be healthy yet");
  await one.answer("web", web());
  assert.equal(stateOf(one), "running");
});

test("an inspection from before a pause is discarded, whether it is answered or times out", async (t) => {
  for (const late of [web(), silent]) {
    const one = await listed(t);
    await one.event("health_status: healthy", 2000);
    await one.event("pause", 2001);
    assert.equal(stateOf(one), "paused", "at once");
    await one.answer("web", late);
    one.informer.resync();
    await turns();
    assert.equal(stateOf(one), "paused");
    assert.equal(one.inspected.length, 2, "not inspected again");
    assert.deepEqual(one.reported, []);
    await one.event("unpause", 3000);
    await one.answer("web", web());
    assert.equal(stateOf(one), "running", "the next one counts");
  }
});

test("after a pause and an unpause during an inspection the container is inspected again", async (t) => {
  const one = await listed(t);
  await one.event("rename", 2000);
  await one.event("pause", 2001);
  await one.event("unpause", 2002);
  await one.answer("web", web({ name: "between" }));
  assert.equal(stateOf(one), "paused");
  await one.answer("web", web({ name: "after" }));
  assert.equal(stateOf(one), "running");
  assert.equal(one.cell.value?.get("web")?.name, "after");
});

test("a pause ends the attempts to inspect a container, or to see its first health", async (t) => {
  for (const found of [silent, web({ health: { status: "starting", output: "" } })]) {
    const one = await listed(t);
    await one.event("rename", 2000);
    await one.answer("web", found);
    await one.event("pause", 2001);
    const before = one.progress();
    one.informer.resync();
    await turns();
    assert.equal(one.inspected.length, 2);
    await one.event("unpause", 3000);
    await one.answer("web", web());
    assert.ok(one.progress() > before);
  }
});

test("the pause of an earlier run is ignored", async (t) => {
  const one = await listed(t, web({ startedMs: 3000 }));
  await one.event("pause", 2000);
  assert.equal(stateOf(one), "running");
  await one.answer("web", web({ startedMs: 3000 }));
  assert.equal(one.cell.version, 1);
});

test("a container that was paused during a reconnect is known to be paused from the list", async (t) => {
  const first = await listed(t);
  const second = scene(t, first.cell.value);
  second.informer.beginList();
  second.informer.onList([paused("web")]);
  await turns();
  assert.equal(stateOf(second), "paused");
  assert.deepEqual(second.inspected, []);
});

test("a pause before the first inspection after a reconnect takes effect at once", async (t) => {
  const first = await listed(t);
  const second = scene(t, first.cell.value);
  second.informer.beginList();
  second.informer.onList([running("web"), running("other")]);
  await turns();
  await second.event("pause", 2000);
  await second.answer("other", web({ id: "other" }));
  assert.equal(stateOf(second), "paused");
  await second.answer("web", web());
  assert.equal(stateOf(second), "paused");
});

test("a paused container that is not known yet is inspected", async (t) => {
  const one = scene(t);
  one.informer.beginList();
  one.informer.onList([paused("web")]);
  await turns();
  await one.answer("web", web({ state: "paused" }));
  assert.equal(stateOf(one), "paused");
});

test("a list from before an unpause does not pause the container again", async (t) => {
  const one = await listed(t);
  await one.event("pause", 2000);
  one.informer.beginList();
  await one.event("unpause", 2001);
  one.informer.onList([paused("web")]);
  await turns();
  await one.answer("web", web());
  assert.equal(stateOf(one), "running");
  one.informer.beginList();
  one.informer.onList([running("web")]);
  await turns();
  assert.equal(one.inspected.length, 2);
});

const sick = { status: "unhealthy", output: "" } as const;

const lost: readonly (readonly [
  event: string,
  list: readonly ListedContainer[],
  found: Container | undefined,
  inspected: readonly string[],
])[] = [
  ["a start", [running("web"), running("new")], web({ id: "new" }), ["new"]],
  ["an end", [], undefined, ["web"]],
  ["a pause", [paused("web")], undefined, []],
  [
    "a change of health",
    [{ id: "web", isPaused: false, health: "unhealthy" }],
    web({ health: sick }),
    ["web"],
  ],
];

for (const [event, list, found, inspected] of lost) {
  test(`${event} of which the event was lost is noticed with the next list`, async (t) => {
    const one = await listed(t);
    one.informer.beginList();
    one.informer.onList(list);
    await turns();
    assert.deepEqual(one.inspected.slice(1), inspected);
    const [id] = inspected;
    if (id) await one.answer(id, found);
    assert.equal(one.cell.version, 2);
    if (id) assert.deepEqual(one.cell.value?.get(id), found);
    else assert.equal(stateOf(one), "paused");
  });
}

test("an unpause of which the event was lost is noticed with the next list", async (t) => {
  const one = await listed(t);
  await one.event("pause", 2000);
  one.informer.beginList();
  one.informer.onList([running("web")]);
  await turns();
  await one.answer("web", web());
  assert.equal(stateOf(one), "running");
});

test("a list without news costs no inspection, and is not behind the events since its request", async (t) => {
  const one = await listed(t);
  one.informer.beginList();
  one.informer.onList([running("web")]);
  await turns();
  assert.equal(one.inspected.length, 1);
  one.informer.beginList();
  await one.event("rename", 2000);
  await one.answer("web", web());
  one.informer.onList([]);
  await turns();
  assert.equal(one.inspected.length, 2, "it has started since");
});

test("an inspection counts also if it takes longer than the time between two attempts", async (t) => {
  const one = await listed(t);
  await one.event("rename", 2000);
  await one.answer("web", silent);
  for (let i = 0; i < 2; i += 1) {
    one.informer.resync();
    one.informer.beginList();
    one.informer.onList([{ id: "web", isPaused: false, health: "unhealthy" }]);
    await turns();
  }
  await one.answer("web", web({ name: "after", health: sick }));
  assert.equal(one.cell.value?.get("web")?.name, "after");
  assert.equal(one.inspected.length, 3);
});

test("a container that dies is removed at once, before its inspection", async (t) => {
  const one = await listed(t);
  await one.event("die", 2000);
  assert.deepEqual(idsIn(one), []);
  await one.answer("web", undefined);
  assert.equal(one.cell.version, 2);
});

test("the end of an earlier run is ignored", async (t) => {
  const one = await listed(t, web({ startedMs: 3000 }));
  await one.event("die", 2000);
  assert.deepEqual(idsIn(one), ["web"]);
  await one.answer("web", web({ startedMs: 3000 }));
  assert.equal(one.cell.version, 1);
});

test("an unchanged container keeps its identity and is not published again", async (t) => {
  const one = await listed(t);
  const { value, version } = one.cell;
  await one.event("rename", 2000);
  await one.answer("web", web());
  assert.equal(one.cell.value, value);
  assert.equal(one.cell.version, version);
});

test("a container that is unchanged after a reconnect keeps its identity", async (t) => {
  const first = await listed(t);
  const second = scene(t, first.cell.value);
  second.informer.onList([running("web")]);
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
    ["a signal without a number", undefined, false],
  ];

for (const [name, signal, stopping] of signals) {
  test(`${name} ${stopping ? "stops" : "does not stop"} the container`, async (t) => {
    const one = await listed(t, web({ stopSignal: 3 }));
    await one.event("kill", 2000, signal);
    assert.equal(isStopping(one), stopping);
    await one.answer("web", web({ stopSignal: 3 }));
    assert.equal(isStopping(one), stopping, "also after the inspection");
  });
}

test("a stop ends with the run that was stopped", async (t) => {
  const one = await listed(t);
  await one.event("kill", 2000, 15);
  await one.answer("web", web());
  await one.event("die", 2100);
  await one.answer("web", undefined);
  await one.event("start", 2200);
  await one.answer("web", web({ startedMs: 2150 }));
  assert.equal(isStopping(one), false);
});

test("a stop signal before the first inspection counts", async (t) => {
  const one = scene(t);
  await one.event("kill", 2000, 3);
  await one.event("kill", 2001, 1);
  await one.answer("web", undefined);
  await one.answer("web", web({ stopSignal: 3 }));
  one.informer.onList([]);
  assert.equal(isStopping(one), true);
});

test("a stop signal is remembered after a reconnect", async (t) => {
  const first = await listed(t);
  await first.event("kill", 2000, 15);
  const second = scene(t, first.cell.value);
  second.informer.onList([running("web")]);
  await turns();
  await second.answer("web", web());
  assert.equal(isStopping(second), true);
});

test("a container that outlives its stop timeout by a second is no longer stopping", async (t) => {
  const one = await listed(t, web({ stopTimeoutMs: 3000 }));
  await one.clock.advance(500);
  await one.event("kill", 2000, 15);
  await one.answer("web", web({ stopTimeoutMs: 3000 }));
  await one.clock.advance(3999);
  one.informer.onTime();
  assert.equal(isStopping(one), true);
  await one.clock.advance(1);
  one.informer.onTime();
  assert.equal(isStopping(one), false);
  await one.event("health_status: healthy", 8000);
  await one.answer("web", web({ stopTimeoutMs: 3000 }));
  assert.equal(isStopping(one), false, "also after an inspection");
  await one.event("kill", 9000, 15);
  assert.equal(isStopping(one), true, "another request counts again");
});

test("a container is stopping for ever after SIGKILL, or without a stop timeout", async (t) => {
  const killed = await listed(t);
  await killed.event("kill", 2000, 15);
  await killed.answer("web", web());
  await killed.event("kill", 2000, 9);
  const patient = await listed(t, web({ stopTimeoutMs: Number.POSITIVE_INFINITY }));
  await patient.event("kill", 2000, 15);
  for (const one of [killed, patient]) {
    await one.clock.advance(3_600_000);
    one.informer.onTime();
    assert.equal(isStopping(one), true);
  }
});

test("the stop timeout counts from the signal, also after a reconnect", async (t) => {
  const first = await listed(t);
  await first.event("kill", 2000, 15);
  const second = scene(t, first.cell.value, first.clock);
  second.informer.onList([running("web")]);
  await turns();
  await second.answer("web", web());
  await second.clock.advance(10_999);
  second.informer.onTime();
  assert.equal(isStopping(second), true);
  await second.clock.advance(1);
  second.informer.onTime();
  assert.equal(isStopping(second), false);
});

/** A container that has started again after a run of 400 ms, which ended with `signal` or by itself. */
async function restarted(t: TestContext, signal?: number): Promise<Scene> {
  const one = await listed(t);
  if (signal !== undefined) {
    await one.event("kill", 1400, signal);
    await one.answer("web", web());
  }
  await one.event("die", 1400);
  await one.answer("web", web({ state: "restarting" }));
  await one.event("start", 1500);
  await one.answer("web", web({ startedMs: 1500 }));
  return one;
}

const flappingOf = ({ cell }: Scene) => cell.value?.get("web")?.flapping;

test("a container that ended soon after its start flaps until it has lived twice as long", async (t) => {
  const one = await restarted(t);
  assert.deepEqual(flappingOf(one), { livedMs: 400, requiredMs: 800, untilMs: 800 });
  await one.clock.advance(700);
  await one.event("rename", 2200);
  await one.answer("web", web({ startedMs: 1500 }));
  await one.clock.advance(99);
  one.informer.onTime();
  assert.ok(flappingOf(one), "an inspection does not prolong it");
  await one.clock.advance(1);
  one.informer.onTime();
  assert.equal(flappingOf(one), undefined);
  await one.event("rename", 2400);
  await one.answer("web", web({ startedMs: 1500 }));
  assert.equal(flappingOf(one), undefined, "also after an inspection");

  await one.event("die", 2500);
  await one.answer("web", undefined);
  await one.event("start", 2600);
  await one.answer("web", web({ startedMs: 2600 }));
  assert.equal(flappingOf(one)?.requiredMs, 2000);
});

test("a container flaps no longer after a long run", async (t) => {
  const one = await restarted(t);
  await one.event("die", 11_500);
  await one.answer("web", undefined);
  await one.event("start", 11_600);
  await one.answer("web", web({ startedMs: 11_600 }));
  assert.equal(flappingOf(one), undefined);
});

test("a container that was asked to stop does not flap", async (t) => {
  for (const signal of [15, 9]) assert.equal(flappingOf(await restarted(t, signal)), undefined);
});

test("a container flaps also after a reconnect", async (t) => {
  const first = await restarted(t);
  const second = scene(t, first.cell.value, first.clock);
  second.informer.onList([running("web")]);
  await turns();
  await second.answer("web", web({ startedMs: 1500 }));
  assert.equal(flappingOf(second)?.untilMs, 800);
  await second.clock.advance(800);
  second.informer.onTime();
  assert.equal(flappingOf(second), undefined);
});

test("a container that cannot be inspected keeps its state, does not block others, and is inspected again", async (t) => {
  const before = await listed(t);
  const one = scene(t, before.cell.value);
  one.informer.onList([running("web"), running("other")]);
  await turns();
  await one.answer("other", web({ id: "other" }));
  await one.answer("web", silent);
  assert.deepEqual(idsIn(one), ["other", "web"]);
  assert.deepEqual(one.reported, [silent]);
  assert.equal(one.progress(), 0, "not all containers are up to date");
  one.informer.resync();
  await turns();
  await one.answer("web", web({ name: "after" }));
  assert.equal(one.cell.value?.get("web")?.name, "after");
  assert.ok(one.progress() > 0);
});

test("a successful inspection after a failed one is progress, even without a change", async (t) => {
  const one = await listed(t);
  await one.event("rename", 2000);
  await one.answer("web", silent);
  assert.equal(one.progress(), 1);
  one.informer.resync();
  await turns();
  await one.answer("web", web());
  assert.equal(one.progress(), 2);
  assert.equal(one.cell.version, 1);
});

test("a container with an event while the list is being inspected does not delay the list", async (t) => {
  const one = scene(t);
  one.informer.onList([running("other")]);
  await one.event("start", 2000);
  await one.answer("other", web({ id: "other" }));
  assert.deepEqual(idsIn(one), ["other"]);
  await one.answer("web", web());
  assert.deepEqual(idsIn(one), ["other", "web"]);
});

test("an unknown container that cannot be inspected is not published", async (t) => {
  const one = scene(t);
  one.informer.onList([running("web")]);
  await turns();
  await one.answer("web", faults.DOCKER_FAILED({ socket: "s", action: "answer", why: "no" }));
  assert.deepEqual(idsIn(one), []);
});

test("a starting container is inspected again, in case the engine sends no event", async (t) => {
  const one = await listed(t, web({ health: { status: "starting", output: "" } }));
  one.informer.resync();
  await turns();
  await one.answer("web", web({ health: { status: "healthy", output: "" } }));
  assert.equal(one.cell.value?.get("web")?.health.status, "healthy");
  one.informer.resync();
  await turns();
  assert.equal(one.inspected.length, 2);
});

test("any other fault is thrown", async () => {
  const cell = new Cell<Containers | undefined>(undefined);
  const informer = new ContainerInformer(cell, () => {}, new ManualClock());
  const refused = faults.DOCKER_REFUSED({ socket: "s", action: "answer", status: 403, why: "no" });
  informer.onList([running("web")]);
  const inspecting = informer.inspectDue(
    async () => Promise.reject(refused),
    () => {},
    never,
  );
  await assert.rejects(inspecting, refused);
  assert.equal(cell.value, undefined);
});
