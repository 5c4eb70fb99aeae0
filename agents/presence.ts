import { Cell } from "../lib/base/cell.ts";
import type { Clock } from "../lib/base/clock.ts";
import type { Fault } from "../lib/base/fault.ts";
import { type FaultReporter, FaultReports } from "../lib/base/fault-reporter.ts";
import type { Log } from "../lib/base/log.ts";
import { type Backoff, retry } from "../lib/base/retry.ts";
import { SharingMap } from "../lib/base/sharing-map.ts";
import { never, race, runAll, whenAborted } from "../lib/base/signal.ts";
import type { PresencePlan } from "../lib/config/plan.ts";
import type { Discovered, Discovery } from "../lib/discover/contract.ts";
import { ownAddress } from "../lib/discover/docker/own-address.ts";
import { kinds } from "../lib/discover/kinds.ts";
import { explain } from "../lib/health/combine.ts";
import type { Subject } from "../lib/health/contract.ts";
import { type CheckConfig, createCheck } from "../lib/health/kinds.ts";
import { readCheck } from "../lib/health/read-check.ts";
import { type HealthById, type VerdictChange, watchHealth } from "../lib/health/watch.ts";
import type { Keyspace } from "../lib/keyspace/contract.ts";
import { follow } from "../lib/keyspace/follow.ts";
import type { Change } from "../lib/keyspace/holdings.ts";
import { publish } from "../lib/keyspace/publish.ts";
import type { Entries } from "../lib/model/entry.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { announce, nothing } from "../lib/presence/announce.ts";
import { nextOverMs, staying } from "../lib/presence/drain.ts";
import { nameOf, roster } from "../lib/presence/roster.ts";
import type { Loop } from "../lib/status/loop.ts";
import { type All, find, noneFound } from "./find.ts";
import { Leavers } from "./leavers.ts";
import { type AgentStatus, presenceStatus, watched, withLiveness } from "./status.ts";

export interface PresenceDeps {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly status: AgentStatus;
}

/** How soon a store that is out of reach, or a write that failed, is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/**
 * discover → health → roster → entries → keyspace, until the signal aborts. Then whoever is announced is marked as
 * leaving, and removed with the session once they have lingered.
 */
export async function presence(
  plan: PresencePlan,
  deps: PresenceDeps,
  signal: AbortSignal,
): Promise<void> {
  const found = new Cell(noneFound);
  const subjects = new Cell<readonly Subject<CheckConfig>[]>([]);
  const health = new Cell<HealthById>(SharingMap.of([]));
  const wanted = new Cell<Entries>(nothing.entries);
  const seen = new Cell<Snapshot | undefined>(undefined);
  const announced = new Cell(new Set<string>());
  const { clock, random, status, log } = deps;
  const probing = status.loop("health checks");
  const announcing = status.loop("announcing");
  const leavers = new Leavers(
    plan,
    { found, wanted, seen, announced },
    {
      ...deps,
      answers: () => status.report().keyspace.reachable !== false,
    },
  );
  status.drain = (request, s) => leavers.drain(request, s);
  status.presence = () =>
    presenceStatus(found.value, health.value, {
      isAnnounced: (name) => announced.value.has(`${plan.prefix}/${name}`),
      isLeaving: (name) => leavers.leaving.value.has(name),
    });
  const faults = new FaultReports(deps.keyspace.url, log, clock);
  const asking = {
    clock,
    random,
    createCheck: (config: CheckConfig, target: Subject<CheckConfig>["target"]) =>
      watched(createCheck(config, target, { clock }), config.timeout, probing),
    onVerdict: (change: VerdictChange) => sayVerdict(change, log),
  };
  const following = withLiveness(faults.reporter(), status.follower("following what is announced"));
  const publishing = withLiveness(faults.reporter(), announcing);
  await runAll(
    never,
    (s) => find(discoveries(plan, deps), found, log, s),
    (s) => ask(found, subjects, s),
    (s) => watchHealth(subjects, health, asking, s),
    (s) => leavers.keep(s),
    (s) => decide(plan, { found, health, leavers, wanted, announcing, clock }, s),
    (s) => look(plan, deps, { found, seen }, following, s),
    (s) => keepPublished(plan, deps, { wanted, seen, announced, announcing }, publishing, s),
    async (s) => {
      await whenAborted(signal, s);
      await leavers.leaveAll(s);
      throw signal.reason;
    },
  );
}

/** Where instances come from: those that the configuration names go before those that are found. */
function discoveries(
  { services, name, docker }: PresencePlan,
  { clock, random, log, status }: PresenceDeps,
): readonly Discovery<CheckConfig>[] {
  const named = kinds.static.create(services.map((service) => ({ instance: name, ...service })));
  if (!docker) return [named];
  const reporter = withLiveness(
    new FaultReports(docker.socket, log, clock).reporter(),
    status.loop("following containers"),
  );
  const containers = kinds.docker.create(docker, {
    ...{ clock, random, ownAddress, readCheck, hostName: name },
    onFault: (fault, waitMs) =>
      reporter.report(fault, waitMs, "what was known last stays announced"),
    onWorking: () => reporter.resolved(),
  });
  return [named, containers];
}

/** Keeps `subjects` equal to who was found. */
async function ask(
  found: Cell<All>,
  subjects: Cell<readonly Subject<CheckConfig>[]>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { version } = found;
    subjects.set(
      found.value.found.map(({ instance, checks }) => ({
        id: nameOf(instance),
        target: { host: instance.host, port: instance.port },
        checks,
      })),
    );
    await found.newer(version, signal);
  }
}

/** What there is to decide from, and what is decided. */
interface Deciding {
  readonly found: Cell<Discovered>;
  readonly health: Cell<HealthById>;
  readonly leavers: Leavers;
  readonly wanted: Cell<Entries>;
  readonly announcing: Loop;
  readonly clock: Clock;
}

/** Keeps `wanted` equal to what the roster says, and leaves it alone while that says the same. */
async function decide(
  { prefix, format }: PresencePlan,
  { found, health, leavers: { leaving }, wanted, announcing, clock }: Deciding,
  signal: AbortSignal,
): Promise<void> {
  let said = nothing;
  let { instances } = said.roster;
  let here = "";
  for (;;) {
    const [f, h, l, nowMs] = [found.version, health.version, leaving.version, clock.now()];
    const dueMs = nextOverMs(leaving.value, nowMs);
    // While the same are here, only news of their health is looked at.
    if (here !== `${f} ${l} ${dueMs}`) {
      here = `${f} ${l} ${dueMs}`;
      instances = staying(found.value.found, leaving.value, nowMs, format);
    }
    said = announce(said, roster(said.roster, instances, health.value), { prefix, format });
    if (said.entries !== wanted.value) {
      wanted.set(said.entries);
      announcing.expect();
    }
    await race(
      signal,
      (s) => found.newer(f, s),
      (s) => health.newer(h, s),
      (s) => leaving.newer(l, s),
      ...(dueMs === undefined ? [] : [(s: AbortSignal) => clock.sleep(dueMs - nowMs, s)]),
    );
  }
}

/** What is so while the store is out of reach. */
const consequence = "what is announced stays for its time to live";

/** Who is here, and what is seen of them in the keyspace. */
interface Looking {
  readonly found: Cell<Discovered>;
  readonly seen: Cell<Snapshot | undefined>;
}

/** Looks at the folders of our services, so that an entry which somebody removes is noticed. */
async function look(
  { prefix }: PresencePlan,
  { keyspace, clock, random }: PresenceDeps,
  { found, seen }: Looking,
  faults: FaultReporter,
  signal: AbortSignal,
): Promise<void> {
  // A folder that nobody of ours is in any more goes on being looked at: who left it is likely to come back.
  const folders = new Set<string>();
  const isMore = () => {
    const { size } = folders;
    for (const { instance } of found.value.found) folders.add(`${prefix}/${instance.service}`);
    return folders.size > size;
  };
  const untilMore = async (s: AbortSignal) => {
    for (let { version } = found; !isMore(); { version } = found) await found.newer(version, s);
  };
  await retry(
    async (progress, s) => {
      const works = () => {
        progress();
        faults.resolved();
      };
      for (;;) {
        if (folders.size === 0) works();
        const work = (t: AbortSignal) => follow(keyspace, [...folders], seen, works, t);
        await race(s, untilMore, ...(folders.size > 0 ? [work] : []));
      }
    },
    backoff,
    { clock, random, onFault: (fault, waitMs) => faults.report(fault, waitMs, consequence) },
    signal,
  );
}

/** What we want in the keyspace, what is seen there, and what it is known to have of us. */
interface Entered {
  readonly wanted: Cell<Entries>;
  readonly seen: Cell<Snapshot | undefined>;
  readonly announced: Cell<Set<string>>;
  /** The loop that keeps the one equal to the other. */
  readonly announcing: Loop;
}

async function keepPublished(
  { ttlMs }: PresencePlan,
  { keyspace, clock, random, log }: PresenceDeps,
  { wanted, seen, announced, announcing }: Entered,
  faults: FaultReporter,
  signal: AbortSignal,
): Promise<void> {
  announcing.expect();
  const onFault = (fault: Fault, retryInMs: number) => faults.report(fault, retryInMs);
  await retry(
    (progress, s) => {
      const onConverged = () => {
        progress();
        faults.resolved();
      };
      // A new session holds nothing.
      announced.set(new Set());
      const onPublished = (change: Change) => {
        const keys = announced.value;
        if (change.kind === "remove") keys.delete(change.key);
        else keys.add(change.key);
        announced.set(keys);
        announcing.expect();
        sayChange(change, log);
      };
      const deps = { clock, random, onFault, onPublished, onConverged, seen };
      return publish(keyspace, wanted, { ttlMs, backoff }, deps, s);
    },
    backoff,
    { clock, random, onFault },
    signal,
  );
}

function sayVerdict({ id, before, health }: VerdictChange, log: Log): void {
  const { verdict } = health;
  const why = explain(health);
  const say = verdict === "down" ? log.warn : log.info;
  say("verdict", `${id} is ${verdict}${why && ` (${why})`}`, { id, verdict, before, why });
}

function sayChange(change: Change, log: Log): void {
  const { kind, key } = change;
  const words = { put: "announced", restore: "put back", remove: "removed" };
  log.info(words[kind].replace(" ", "_"), `${words[kind]} ${key}`, { ...change });
}
