import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Destinations } from "../../../../agents/presence/destinations/destinations.ts";
import { Cell } from "../../../../lib/base/cell.ts";
import { never } from "../../../../lib/base/signal.ts";
import type { Wanted } from "../../../../lib/destination/contract.ts";
import {
  type Candidate,
  type Candidates,
  noCandidates,
  type Wish,
} from "../../../../lib/destination/decide.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import {
  destinationFault,
  MemoryDestination,
  type MemoryDestinationOptions,
} from "../../../support/memory-destination.ts";
import { oneOf, seeded } from "../../../support/random.ts";
import { RecordingLog } from "../../../support/recording-log.ts";
import { running } from "../../../support/service.ts";

const shutdownTimeoutMs = 10_000;

function candidate(name: string, wish: Wish): Candidate {
  const [service = "", id = ""] = name.split("/");
  return { name, instance: { service, id, host: "10.0.0.1", port: 80 }, wish };
}

/** Loops of destinations in memory, and the candidates as an agent has them. */
function scene(
  t: TestContext,
  options: readonly MemoryDestinationOptions[] = [{}],
  {
    clock = new ManualClock(),
    restored = [] as readonly Wanted[],
    random = (): number => 0,
    existing = [] as readonly MemoryDestination[],
  } = {},
) {
  const log = new RecordingLog();
  const all =
    existing.length > 0 ? existing : options.map((one) => new MemoryDestination(clock, one));
  const saved: string[] = [];
  const record = {
    of: () => restored,
    save: async (_: string, some: readonly Wanted[]) => {
      saved.push(some.map(({ name }) => name).join(" "));
    },
  };
  const used = all.map((destination) => ({ destination }));
  const destinations = new Destinations(used, { clock, random, log, record });
  const candidates = new Cell<Candidates>(noCandidates);
  const left = new AbortController();
  const service = {
    run: (stopping: AbortSignal) =>
      destinations.run([candidates], { stopping, left: left.signal, shutdownTimeoutMs }, never),
  };
  t.after(() => left.abort());
  const [first] = all;
  assert.ok(first);
  return {
    ...{ clock, log, destinations, all, destination: first, saved, left, candidates },
    run: () => running(t, service, clock),
    wish: (wishes: Readonly<Record<string, Wish>>, isComplete = true) =>
      candidates.set({
        candidates: Object.entries(wishes).map(([name, wish]) => candidate(name, wish)),
        isComplete,
      }),
    state: (name: string) => destinations.stateOf(name).map(({ state }) => state),
  };
}

function logged(log: RecordingLog, event: string): number {
  return log.events.filter((one) => one === event).length;
}

function callsOf(destination: MemoryDestination): readonly string[] {
  return destination.calls.map(([, call]) => call);
}

test("a healthy instance is registered and observed until it serves; at rest it is asserted every few minutes", async (t) => {
  const one = scene(t);
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(0);
  assert.deepEqual(one.destination.calls, [
    [0, "register web/a"],
    [0, "observe web/a"],
  ]);
  assert.deepEqual(one.state("web/a"), ["registering"]);
  await one.clock.advance(15_000);
  assert.deepEqual(one.state("web/a"), ["serving"]);
  await one.clock.advance(160_000);
  assert.deepEqual(one.destination.calls.slice(2), [
    [15_000, "observe web/a"],
    [150_000, "register web/a"],
    [150_000, "observe web/a"],
  ]);
  assert.deepEqual(logged(one.log, "destination_registered"), 1);
  assert.deepEqual(one.saved, ["web/a"]);
});

test("an instance that is unhealthy, drained or gone is deregistered at once, and waited for", async (t) => {
  for (const wish of ["removeUnhealthy", "drain", "remove", undefined] as const) {
    const one = scene(t);
    one.wish({ "web/a": "register", "web/b": "register" });
    one.run();
    await one.clock.advance(20_000);
    one.wish({ "web/b": "register", ...(wish && { "web/a": wish }) });
    await one.clock.advance(0);
    assert.deepEqual(one.destination.registered, ["web/b"], wish);
    await one.clock.advance(20_000);
    if (wish) assert.deepEqual(one.state("web/a"), ["absent"]);
    assert.equal(one.saved.at(-1), "web/b");
  }
});

test("the last healthy instance stays in spite of its health, but not for a drain", async (t) => {
  const one = scene(t);
  one.destination.hasOthers = false;
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(20_000);
  one.wish({ "web/a": "removeUnhealthy" });
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, ["web/a"]);
  assert.deepEqual(one.destinations.stateOf("web/a")[0]?.isKept, true);
  await one.clock.advance(60_000);
  assert.equal(logged(one.log, "destination_kept"), 1);
  one.destination.hasOthers = true;
  await one.clock.advance(20_000);
  assert.deepEqual(one.destination.registered, []);
  assert.deepEqual(one.destinations.stateOf("web/a")[0]?.isKept, false);

  one.destination.hasOthers = false;
  one.wish({ "web/a": "register" });
  await one.clock.advance(20_000);
  one.wish({ "web/a": "removeUnhealthy" });
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, ["web/a"]);
  one.wish({ "web/a": "remove" });
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, []);
});

test("a slow destination and a failing one hold up no other", async (t) => {
  const one = scene(t, [
    { name: "memory/slow" },
    { name: "memory/failing" },
    { name: "memory/ok" },
  ]);
  const [slow, failing, ok] = one.all as [MemoryDestination, MemoryDestination, MemoryDestination];
  slow.onCall = () => one.clock.sleep(25_000, never);
  failing.onCall = () => {
    throw destinationFault("UNREACHABLE");
  };
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(0);
  assert.deepEqual(ok.registered, ["web/a"]);
  assert.deepEqual(slow.registered, []);
  await one.clock.advance(25_000);
  assert.deepEqual(slow.registered, ["web/a"]);
  assert.deepEqual(one.state("web/a"), ["registering", "unknown", "serving"]);
  const facts = one.destinations.facts.map(({ loop }) => loop.state);
  assert.deepEqual(facts[1], "failing");
  assert.deepEqual(facts[2], "ok");
  failing.onCall = () => {};
  await one.clock.advance(30_000);
  assert.deepEqual(failing.registered, ["web/a"]);
});

test("a throttled destination is asked less and less often", async (t) => {
  const one = scene(t);
  one.destination.onCall = () => {
    throw destinationFault("THROTTLED");
  };
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(120_000);
  const at = one.destination.calls.map(([ms]) => ms);
  // Half of the doubled delay, as the random number is 0; 30 s at the most.
  assert.deepEqual(
    at,
    [0, 500, 1500, 3500, 7500, 15_500, 30_500, 45_500, 60_500, 75_500, 90_500, 105_500],
  );
});

test("a request that is refused keeps the other kinds of requests from nothing", async (t) => {
  const one = scene(t);
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(20_000);
  one.destination.onCall = (call) => {
    if (call.startsWith("deregister")) throw destinationFault("REFUSED");
  };
  one.wish({ "web/a": "remove", "web/b": "register" });
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, ["web/a", "web/b"]);
  assert.equal(one.destinations.facts[0]?.loop.state, "failing");
});

test("an answer that is lost leaves nothing behind", async (t) => {
  const one = scene(t);
  one.destination.onAnswer = () => {
    throw destinationFault("UNREACHABLE");
  };
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(0);
  assert.deepEqual(one.destination.registered, ["web/a"]);
  one.wish({});
  one.destination.onAnswer = () => {};
  await one.clock.advance(30_000);
  assert.deepEqual(one.destination.registered, []);
});

test("an agent that was killed finds what it has left behind, and instances that are gone in its record", async (t) => {
  const clock = new ManualClock();
  const before = new MemoryDestination(clock);
  const wanted = ["web/gone", "web/sick", "web/ok"].map((name) => ({
    ...{ name, instance: candidate(name, "register").instance, isDraining: false },
  }));
  await before.register(wanted);
  const one = scene(t, [], { clock, existing: [before], restored: wanted.slice(0, 1) });
  one.wish({ "web/sick": "keep", "web/ok": "keep" }, false);
  one.run();
  await clock.advance(20_000);
  assert.deepEqual(before.registered, ["web/gone", "web/ok", "web/sick"]);
  one.wish({ "web/sick": "removeUnhealthy", "web/ok": "register" });
  await clock.advance(1000);
  assert.deepEqual(before.registered, ["web/ok"]);
});

test("an instance that the destination finds failing is observed for a while, and then as rarely as at rest", async (t) => {
  const one = scene(t);
  one.destination.sick.add("web/a");
  one.wish({ "web/a": "register" });
  one.run();
  await one.clock.advance(3_600_000);
  const observations = callsOf(one.destination).filter((call) => call.startsWith("observe"));
  assert.ok(observations.length < 60, `${observations.length} observations in an hour`);
  assert.deepEqual(one.state("web/a"), ["failing"]);
});

test("at the stop it is deregistered, observed soon, and waited for; a fault is retried soon", async (t) => {
  const one = scene(t);
  one.wish({ "web/a": "register" });
  const loop = one.run();
  await one.clock.advance(20_000);
  let refusals = 2;
  one.destination.onCall = () => {
    refusals -= 1;
    if (refusals >= 0) throw destinationFault("THROTTLED");
  };
  loop.stop();
  one.wish({ "web/a": "drain" });
  await one.clock.advance(1000);
  assert.deepEqual(one.destination.registered, []);
  assert.deepEqual(one.state("web/a"), ["draining"]);
  one.left.abort();
  await one.clock.advance(0);
  assert.equal(loop.hasEnded(), false);
  await one.clock.advance(1000);
  // The limit of the last step is a tenth of the shutdown timeout, and it drains for 5 s.
  assert.equal(loop.hasEnded(), true);
  assert.equal(logged(one.log, "destination_left"), 1);
});

test("a destination that keeps draining instances removes them once the agent has left", async (t) => {
  const one = scene(t, [{ keepsDraining: true, drainMs: 0 }]);
  one.wish({ "web/a": "register" });
  const loop = one.run();
  await one.clock.advance(20_000);
  loop.stop();
  one.wish({ "web/a": "drain" });
  await one.clock.advance(100);
  assert.deepEqual(one.destination.registered, ["web/a draining"]);
  one.left.abort();
  await one.clock.advance(1000);
  assert.deepEqual(one.destination.registered, []);
  assert.equal(loop.hasEnded(), true);
});

test("after any history of wishes and faults the destination has exactly what is desired", async (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seeded(seed);
    const keepsDraining = random() < 0.5;
    const isShared = random() < 0.3;
    const registrationOf = ({ service, id }: Candidate["instance"]) =>
      isShared ? service : `${service}/${id}`;
    const one = scene(t, [{ keepsDraining, registrationOf }], { random });
    const names = ["web/a", "web/b", "api/a", "api/b"];
    const wishes = ["register", "drain", "keep", "remove", "removeUnhealthy", "gone"] as const;
    const faulty = () => {
      if (random() < 0.3)
        throw destinationFault(oneOf(["THROTTLED", "UNREACHABLE", "REFUSED"] as const, random));
    };
    one.destination.onCall = faulty;
    one.destination.onAnswer = faulty;
    const draw = (some: readonly (typeof wishes)[number][]) => {
      const drawn = names.map((name) => [name, oneOf(some, random)] as const);
      return Object.fromEntries(drawn.filter(([, wish]) => wish !== "gone")) as Record<
        string,
        Wish
      >;
    };
    one.run();
    for (let i = 0; i < 12; i += 1) {
      one.wish(draw(wishes));
      await one.clock.advance(Math.floor(random() * 40_000));
    }
    one.destination.onCall = () => {};
    one.destination.onAnswer = () => {};
    const last = draw(wishes.filter((wish) => wish !== "keep"));
    one.wish(last);
    await one.clock.advance(900_000);
    const ofWish = (meant: Wish) => names.filter((name) => last[name] === meant);
    const keyOf = (name: string) => registrationOf(candidate(name, "register").instance);
    const registered = new Set(ofWish("register").map(keyOf));
    const marked = new Set(keepsDraining ? ofWish("drain").map(keyOf) : []);
    const expected = [
      ...registered,
      ...[...marked].filter((key) => !registered.has(key)).map((key) => `${key} draining`),
    ];
    assert.deepEqual(one.destination.registered, expected.sort(), `seed ${seed}`);
  }
});
