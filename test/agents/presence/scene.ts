import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createPresence } from "../../../agents/presence/agent.ts";
import { withDestinations } from "../../../agents/presence/destinations/beside.ts";
import {
  Destinations,
  type UsedDestination,
} from "../../../agents/presence/destinations/destinations.ts";
import type { RequestedFile } from "../../../agents/presence/requested.ts";
import { factsOf } from "../../../agents/status.ts";
import { never } from "../../../lib/base/signal.ts";
import type { PresencePlan, ServicePlan } from "../../../lib/config/plan.ts";
import { CheckTriggers } from "../../../lib/health/triggers.ts";
import type { Keyspace, Session } from "../../../lib/keyspace/contract.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { encodeSuspects, type Suspects, suspectsKeyOf } from "../../../lib/model/suspects-entry.ts";
import { encodeWatcherEntry, watchersFolder } from "../../../lib/model/watcher-entry.ts";
import type { InstanceStatus } from "../../../lib/status/contract.ts";
import type { LoopStatus } from "../../../lib/status/loop-status.ts";
import { report as reportOf } from "../../../lib/status/report.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

export const ttlMs = 10_000;
export const drainDelayMs = 5000;
export const shutdownTimeoutMs = 30_000;

/** An instance without checks, which is healthy. */
export function service(name: string, host = "10.0.0.1"): ServicePlan {
  return { name, host, port: 80, checks: [] };
}

/** A service that is healthy while a file exists; every round of its check decides. */
export async function checkedService(t: TestContext, name: string) {
  const file = join(await throwAwayFolder(t), "healthy");
  await writeFile(file, "");
  const command = ["test", "-e", file];
  // The limit is on the clock of the test, which a command does not see.
  const timing = { interval: 1000, timeout: 3_600_000, rise: 1, fall: 1 };
  const plan: ServicePlan = {
    ...service(name),
    checks: [{ type: "exec", ...timing, command }],
  };
  return { file, plan };
}

/** A presence agent in memory, and the keyspace as another client sees it. */
export function presenceScene(
  t: TestContext,
  plan: Partial<PresencePlan> = {},
  file?: RequestedFile,
  createDestinations: (clock: ManualClock) => readonly UsedDestination[] = () => [],
) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const used = createDestinations(clock);
  const random = () => 0;
  const destinations = used.length > 0 ? new Destinations(used, { clock, random, log }) : undefined;
  const store = new MemoryStore(clock);
  const keyspace = new FaultyKeyspace(store.open());
  const whole: PresencePlan = {
    ...{ ttlMs, drainDelayMs, shutdownTimeoutMs },
    ...{ prefix: "/services", format: "json", name: "host" },
    services: [service("web")],
    ...plan,
  };
  const servedMs: number[] = [];
  const onServed = (_: number, tookMs: number) => servedMs.push(tookMs);
  const triggers = new CheckTriggers();
  const triggered: string[] = [];
  triggers.follow((id) => void triggered.push(id));
  const deps = { keyspace, clock, random, log, onServed, destinations, triggers };
  const alone = createPresence(whole, deps, file);
  const agent = withDestinations(alone, destinations, shutdownTimeoutMs);
  const facts = { version: "1.2.3", pid: 4711, configuration: [], startedMs: 0, url: keyspace.url };
  const report = () =>
    reportOf(factsOf({ ...facts, isShuttingDown: false }, [agent.status()]), {
      nowMs: clock.now(),
      date: new Date(clock.now()),
    });
  const client = store.open();
  return {
    ...{ agent, clock, log, store, keyspace, client, report, servedMs, triggered },
    run: () => running(t, agent, clock),
    /** Goes on with another plan, as after a reload of the configuration. */
    replacePlan: (changes: Partial<PresencePlan>, other: Keyspace = keyspace) =>
      alone.replacePlan({ ...whole, ...changes }, other),
    stored: (folder = "/services") => storedIn(store, folder),
    instance: (name: string): InstanceStatus | undefined =>
      report().presence?.instances.find((one) => one.name === name),
    loop: (name: string): LoopStatus | undefined =>
      report().loops.find((loop) => loop.name === name),
    /** A watcher of these folders, which acknowledges what the test has it acknowledge. */
    watcher: async (id: string, prefixes: readonly string[] = ["/services"]) => {
      const session = await client.open(ttlMs, never);
      const acknowledge = (drained: Readonly<Record<string, string>>) =>
        write(session, id, prefixes, drained);
      await acknowledge({});
      const serve = (serving: Readonly<Record<string, string>>) =>
        write(session, id, prefixes, {}, serving);
      const suspect = (suspects: Suspects) =>
        suspects.size > 0
          ? session.put(suspectsKeyOf(id), encodeSuspects(session.id, suspects), never)
          : session.remove(suspectsKeyOf(id), never);
      return { acknowledge, serve, suspect, leave: () => session.close() };
    },
  };
}

async function write(
  session: Session,
  id: string,
  prefixes: readonly string[],
  drained: Readonly<Record<string, string>>,
  serving: Readonly<Record<string, string>> = {},
): Promise<void> {
  const value = encodeWatcherEntry({
    ...{ session: session.id, prefixes },
    drained: new Map(Object.entries(drained)),
    serving: new Map(Object.entries(serving)),
  });
  await session.put(`${watchersFolder}/${id}`, value, never);
}

/** The values below a folder, by key. */
export async function storedIn(
  store: MemoryStore,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const snapshot = await readSnapshot(store.open(), [folder], never);
  return Object.fromEntries(snapshot.chunks.flat().map(({ key, value }) => [key, value]));
}

/** The revision of an entry; empty where there is none. */
export async function revisionOf(store: MemoryStore, key: string): Promise<string> {
  return (await readSnapshot(store.open(), [key], never)).get(key)?.revision ?? "";
}
