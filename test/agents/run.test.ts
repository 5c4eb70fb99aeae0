import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AgentsDeps } from "../../agents/deps.ts";
import { run } from "../../agents/run.ts";
import { never } from "../../lib/base/signal.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { getJson, postJson } from "../../lib/control/client.ts";
import { isListening } from "../../lib/control/is-listening.ts";
import { MemoryStore } from "../../lib/keyspace/memory.ts";
import { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import type { Explanation } from "../../lib/overview/explanation.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import type { Section } from "../../lib/status/paths.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { FaultyKeyspace } from "../support/faulty-keyspace.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { inTime } from "../support/service.ts";

const [name, key] = ["web/10.0.0.1:80", "/services/web/10.0.0.1:80"];
const [drainDelayMs, shutdownTimeoutMs] = [5000, 30_000];

interface Options {
  readonly section?: Section;
  readonly acknowledge?: boolean;
}

/** All agents of one process in memory; the socket and the file are real ones in a folder. */
async function agents(t: TestContext, { section = "any", acknowledge = true }: Options = {}) {
  const folder = await throwAwayFolder(t);
  const [socket, path] = [join(folder, "agent.sock"), join(folder, "out")];
  const source = join(folder, "t.hbs");
  await writeFile(source, "{{#each (instances 'web')}}{{address}}*{{weight}} {{/each}}");
  const clock = new ManualClock();
  const log = new RecordingLog();
  const store = new MemoryStore(clock);
  const keyspace = new FaultyKeyspace(store.open());
  const plan: Plan = {
    log: "info",
    keyspace: { url: "memory:" } as Plan["keyspace"],
    presence: {
      ...{ ttlMs: 10_000, drainDelayMs, shutdownTimeoutMs },
      ...{ prefix: "/services", format: "json", name: "host" },
      services: [{ name: "web", host: "10.0.0.1", port: 80, checks: [] }],
    },
    watch: {
      services: "/services",
      settle: { quietMs: 0, atMostMs: 0 },
      retry: { firstMs: 3000, maxMs: 12_000 },
      limits: unlimited,
      guard: { all: { maxLoss: 0.5, min: 0, retainMs: 10_000, keepEmpty: false }, services: {} },
      ...{ acknowledge, drift: "report", snapshotCache: false, resolve: true },
      templates: [
        { name: "t.hbs", source, target: { path }, prefixes: ["/services"], format: "plain" },
      ],
    },
    status: { socket },
  };
  const deps: AgentsDeps = {
    ...{ mounts: new Mounts(keyspace), clock, log, random: () => 0 },
    ...{ version: "1.2.3", hostName: "host", pid: 4711, uid: process.getuid?.() },
    ...{ env: {}, temporary: folder, shipped: folder },
    resolver: { lookup: async () => [], resolveSrv: async () => [] },
    isInteractive: false,
    onExit: () => ({ [Symbol.dispose]: () => {} }),
    onForwarded: () => ({ [Symbol.dispose]: () => {} }),
  };
  const events = recordEvents(t, store);
  const stopping = new AbortController();
  const selection = { files: [join(folder, "sidekick.yaml")], section };
  const ended = run(plan, selection, deps, stopping.signal);
  let hasEnded = false;
  const settled = () => {
    hasEnded = true;
  };
  ended.then(settled, settled);
  t.after(async () => {
    stopping.abort(new Error("the test is over"));
    await eventually("the agents stop", async () => {
      await clock.advance(1000);
      return hasEnded;
    });
  });
  const status = () => getJson<StatusReport>(socket, "/status", never);
  return {
    ...{ clock, log, store, keyspace, socket, status, events },
    ended: () => inTime("the agents stop", ended),
    hasEnded: () => hasEnded,
    stop: () => stopping.abort(new Error("stop")),
    text: () => readFile(path, "utf8").catch(() => ""),
    drain: (wait: boolean) =>
      postJson(socket, "/drain", { names: [name], forMs: 8000, wait }, never),
    /** Lets everything happen that takes no time on the clock of the test. */
    ready: () =>
      eventually("it is ready", async () => {
        await clock.advance(0);
        const { loops, watch, presence } = await status();
        const isWritten = watch?.templates.every(({ state }) => state === "in sync") ?? true;
        const isRegistered = presence?.instances.every(({ registered }) => registered) ?? true;
        return isWritten && isRegistered && loops.every(({ state }) => state !== "failing");
      }),
    becomes: (expected: string) =>
      eventually(`the file is ${expected}`, async () => {
        await clock.advance(0);
        return (await readFile(path, "utf8")) === expected;
      }),
  };
}

/** What happens to the keys of a store, in order. */
function recordEvents(t: TestContext, store: MemoryStore): readonly string[] {
  const events: string[] = [];
  const ending = new AbortController();
  const follow = async () => {
    for await (const batch of store.watch(["/"], ending.signal)) {
      if (batch.kind === "reset") continue;
      for (const key of batch.gone) events.push(`${key} gone`);
    }
  };
  const following = follow().catch(() => {});
  t.after(async () => {
    ending.abort();
    await following;
  });
  return events;
}

test("during a drain the control socket answers, and the watcher of the same process serves and acknowledges it", async (t) => {
  const { ready, clock, status, stop, becomes, hasEnded, ended, events, socket, log, store } =
    await agents(t);
  await ready();
  assert.equal((await status()).phase, "running");
  await becomes("10.0.0.1:80*1 ");
  await clock.advance(1000);
  stop();
  await becomes("10.0.0.1:80*0 ");
  const report = await status();
  assert.equal(report.phase, "shutting down");
  assert.equal(report.presence?.instances[0]?.draining, true);
  assert.equal(report.watch?.templates[0]?.state, "in sync");
  await eventually("the watcher acknowledges", async () => {
    await clock.advance(0);
    const snapshot = await readSnapshot(store.open(), ["/sidekick"], never);
    const [entry] = snapshot.chunks.flat();
    return entry?.value.includes(`"drained":{"${key}":`);
  });
  assert.equal(hasEnded(), false, "the drain delay is kept");
  await clock.advance(drainDelayMs);
  await ended();
  assert.equal(events[0], `${key} gone`);
  assert.match(events[1] ?? "", /^\/sidekick\/watchers\/host\.4711\.\w{4} gone$/);
  assert.equal(await isListening(socket, t.signal), false);
  const named = ["started", "listening", "shutting_down", "stopped"];
  assert.deepEqual(
    log.events.filter((event) => named.includes(event)),
    named,
  );
});

test("the agents stop one after the other: presence, the watcher, and the control socket at last", async (t) => {
  const { ready, clock, keyspace, status, stop, events, ended, hasEnded } = await agents(t);
  await ready();
  const gates: (() => void)[] = [];
  keyspace.closing = () => new Promise((resolve) => gates.push(resolve));
  t.after(() => {
    keyspace.closing = async () => {};
    for (const open of gates) open();
  });
  stop();
  await eventually("presence has drained", async () => {
    await clock.advance(1000);
    return gates.length === 1;
  });
  assert.deepEqual(events, []);
  assert.equal((await status()).phase, "shutting down");
  gates[0]?.();
  await eventually("the watcher stops", () => gates.length === 2);
  assert.deepEqual(events, [`${key} gone`]);
  assert.equal((await status()).phase, "shutting down", "the socket still answers");
  assert.equal(hasEnded(), false);
  gates[1]?.();
  await ended();
  assert.equal(events.length, 2);
});

test("a shutdown that takes too long is given up", async (t) => {
  const { ready, clock, keyspace, stop, ended, hasEnded } = await agents(t);
  await ready();
  let open = () => {};
  keyspace.closing = () =>
    new Promise((resolve) => {
      open = resolve;
    });
  t.after(() => {
    keyspace.closing = async () => {};
    open();
  });
  stop();
  await clock.advance(shutdownTimeoutMs - 1);
  assert.equal(hasEnded(), false);
  const failed = assert.rejects(ended(), { code: "AGENT_SHUTDOWN_TIMEOUT" });
  await clock.advance(1);
  await failed;
});

test("an agent that fails stops the others, and its error is thrown", async (t) => {
  const { ready, clock, keyspace, events, ended, socket } = await agents(t);
  await ready();
  const failed = assert.rejects(ended(), { message: "a bug" });
  keyspace.disconnect(new TypeError("a bug"));
  await clock.advance(shutdownTimeoutMs - 1);
  await failed;
  assert.equal(events.includes(`${key} gone`), true);
  assert.equal(await isListening(socket, t.signal), false);
});

test("while the others stop after a failure, the status is that of a shutdown, which has its time limit", async (t) => {
  const { ready, clock, keyspace, status, ended, hasEnded, log } = await agents(t);
  await ready();
  let closed = 0;
  const gate = Promise.withResolvers<void>();
  // The agent that fails first ends at once, and the other one hangs.
  keyspace.closing = async () => {
    closed += 1;
    if (closed > 1) await gate.promise;
  };
  t.after(() => gate.resolve());
  const failed = assert.rejects(ended(), { message: "a bug" });
  keyspace.disconnect(new TypeError("a bug"));
  await eventually("it is shutting down", async () => {
    await clock.advance(0);
    return (await status()).phase === "shutting down";
  });
  assert.ok(log.events.includes("shutting_down"));
  await clock.advance(shutdownTimeoutMs - 1);
  assert.equal(hasEnded(), false);
  await clock.advance(1);
  await failed;
});

test("only the selected agents run", async (t) => {
  const presence = await agents(t, { section: "presence" });
  await presence.ready();
  assert.equal((await presence.status()).watch, undefined);
  assert.equal(await presence.text(), "");
  const watch = await agents(t, { section: "watch" });
  await watch.ready();
  assert.equal((await watch.status()).presence, undefined);
  await assert.rejects(watch.drain(true), { code: "CONTROL_NO_PRESENCE" });
  watch.stop();
  await watch.ended();
});

test("instances are drained at the control socket, with the watchers' acknowledgement", async (t) => {
  const { ready, clock, drain, becomes, status } = await agents(t);
  await ready();
  await becomes("10.0.0.1:80*1 ");
  await clock.advance(1000);
  let isDone = false;
  const drained = drain(true).finally(() => {
    isDone = true;
  });
  await becomes("10.0.0.1:80*0 ");
  await eventually("it is drained", async () => {
    await clock.advance(100);
    return isDone;
  });
  assert.deepEqual(await drained, { drained: [name], cancelled: [], missing: [] });
  assert.ok(clock.now() >= 1000 + drainDelayMs, "the drain delay is kept");
  assert.ok(clock.now() < 1000 + 8000, "sooner than the limit");
  const [instance] = (await status()).presence?.instances ?? [];
  assert.deepEqual([instance?.registered, instance?.draining], [false, true]);
});

test("without acknowledgements a drain takes until its deadline", async (t) => {
  const { ready, clock, drain, becomes, status } = await agents(t, {
    acknowledge: false,
  });
  await ready();
  await becomes("10.0.0.1:80*1 ");
  await clock.advance(1000);
  const drained = drain(false);
  await eventually("it drains", async () => (await status()).presence?.instances[0]?.draining);
  await becomes("10.0.0.1:80*0 ");
  await clock.advance(7999);
  assert.equal((await status()).presence?.instances[0]?.registered, true);
  await clock.advance(1);
  assert.deepEqual(await drained, { drained: [name], cancelled: [], missing: [] });
});

test("explain has the checks and the registration of the process's own instance, and what its watcher makes of it", async (t) => {
  const { ready, clock, socket } = await agents(t);
  await ready();
  const explain = (name: string) => postJson<Explanation>(socket, "/explain", { name }, never);
  const one = await eventually("it gets traffic", async () => {
    await clock.advance(100);
    const found = await explain(name);
    return found.verdict === "gets traffic" ? found : undefined;
  });
  assert.deepEqual([one.presence?.registered, one.presence?.verdict], [true, "up"]);
  assert.equal(one.files[0]?.lines.shown[0]?.text, "10.0.0.1:80*1 ");
  assert.equal((await explain(key)).presence?.name, name);
  await assert.rejects(postJson(socket, "/explain", {}, never), {
    code: "CONTROL_REQUEST_INVALID",
  });
});

test("explain answers without a watcher, by what is registered", async (t) => {
  const { ready, socket } = await agents(t, { section: "presence" });
  await ready();
  const explain = (name: string) => postJson<Explanation>(socket, "/explain", { name }, never);
  const { verdict, views, files } = await explain(name);
  assert.deepEqual([verdict, views, files], ["gets traffic", [], []]);
  assert.equal((await explain("web/10.0.0.9:80")).verdict, "unknown");
});
