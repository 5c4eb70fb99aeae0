import { Cell } from "../lib/base/cell.ts";
import type { Clock } from "../lib/base/clock.ts";
import type { Fault } from "../lib/base/fault.ts";
import type { Log } from "../lib/base/log.ts";
import { type Backoff, persist } from "../lib/base/retry.ts";
import { SharingMap } from "../lib/base/sharing-map.ts";
import { first, together } from "../lib/base/signal.ts";
import type { PresencePlan } from "../lib/config/plan.ts";
import type { Discovery } from "../lib/discover/contract.ts";
import { createStatic } from "../lib/discover/static.ts";
import { explain } from "../lib/health/combine.ts";
import type { Subject } from "../lib/health/contract.ts";
import { type CheckConfig, createCheck } from "../lib/health/kinds.ts";
import { type HealthById, type VerdictChange, watchHealth } from "../lib/health/watch.ts";
import type { Keyspace } from "../lib/keyspace/contract.ts";
import { follow } from "../lib/keyspace/follow.ts";
import type { Change } from "../lib/keyspace/holdings.ts";
import { publish } from "../lib/keyspace/publish.ts";
import type { Entries } from "../lib/model/entry.ts";
import type { Instance } from "../lib/model/instance.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { announce, nothing } from "../lib/presence/announce.ts";
import { nameOf, roster } from "../lib/presence/roster.ts";
import type { Loop } from "../lib/status/loop.ts";
import { FaultLog, type Voice } from "./fault-log.ts";
import { type AgentStatus, heard, presenceStatus, watched } from "./status.ts";

export interface PresenceDeps {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly status: AgentStatus;
}

/** How soon a store that is out of reach, or a write that failed, is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/** discover → health → roster → entries → keyspace, for as long as the signal lives. */
export async function presence(
  plan: PresencePlan,
  deps: PresenceDeps,
  signal: AbortSignal,
): Promise<void> {
  const instances = new Cell<readonly Instance[]>([]);
  const subjects = new Cell<readonly Subject<CheckConfig>[]>([]);
  const health = new Cell<HealthById>(SharingMap.of([]));
  const wanted = new Cell<Entries>(nothing.entries);
  const seen = new Cell<Snapshot | undefined>(undefined);
  const { clock, random, status } = deps;
  const probing = status.loop("health checks");
  const announcing = { loop: status.loop("announcing"), keys: new Set<string>() };
  status.presence = () =>
    presenceStatus(
      instances.value,
      health.value,
      (name) => announcing.keys.has(`${plan.prefix}/${name}`),
      () => false,
    );
  const faults = new FaultLog(deps.keyspace.url, deps.log, clock);
  const asking = {
    clock,
    random,
    createCheck: (config: CheckConfig, target: Subject<CheckConfig>["target"]) =>
      watched(createCheck(config, target, { clock }), config.timeout, probing),
    onVerdict: (change: VerdictChange) => sayVerdict(change, deps.log),
  };
  await together(
    signal,
    (s) => find(createStatic(plan.services), plan, instances, subjects, s),
    (s) => watchHealth(subjects, health, asking, s),
    (s) => decide(plan, instances, health, wanted, announcing.loop, s),
    (s) =>
      look(
        plan,
        deps,
        seen,
        heard(faults.voice(), status.follower("following what is announced")),
        s,
      ),
    (s) => keepPublished(plan, deps, { wanted, seen, ...announcing }, faults.voice(), s),
  );
}

async function find(
  discovery: Discovery,
  { services, name }: PresencePlan,
  instances: Cell<readonly Instance[]>,
  subjects: Cell<readonly Subject<CheckConfig>[]>,
  signal: AbortSignal,
): Promise<void> {
  for await (const found of discovery.instances(signal)) {
    instances.set(found.map((instance) => ({ name, ...instance })));
    // A static service and its instance stand at the same place in their lists.
    subjects.set(
      found.map((instance, i) => ({
        id: nameOf(instance),
        target: { host: instance.host, port: instance.port },
        checks: services[i]?.checks ?? [],
      })),
    );
  }
}

/** Keeps `wanted` equal to what the roster says, and leaves it alone while that says the same. */
async function decide(
  { prefix, format }: PresencePlan,
  instances: Cell<readonly Instance[]>,
  health: Cell<HealthById>,
  wanted: Cell<Entries>,
  announcing: Loop,
  signal: AbortSignal,
): Promise<void> {
  let said = nothing;
  for (;;) {
    const [i, h] = [instances.version, health.version];
    const here = roster(said.roster, instances.value, health.value);
    said = announce(said, here, { prefix, format });
    if (said.entries !== wanted.value) {
      wanted.set(said.entries);
      announcing.expect();
    }
    await first(
      signal,
      (s) => instances.newer(i, s),
      (s) => health.newer(h, s),
    );
  }
}

/** What is so while the store is out of reach. */
const meanwhile = "what is announced stays for its time to live";

/** Looks at the folders of our services, so that an entry which somebody removes is noticed. */
async function look(
  { prefix, services }: PresencePlan,
  { keyspace, clock, random }: PresenceDeps,
  seen: Cell<Snapshot | undefined>,
  faults: Voice,
  signal: AbortSignal,
): Promise<void> {
  const folders = [...new Set(services.map(({ name }) => `${prefix}/${name}`))];
  await persist(
    (progress, s) => {
      const works = () => {
        progress();
        faults.over();
      };
      return follow(keyspace, folders, seen, works, s);
    },
    backoff,
    { clock, random, onFault: (fault, waitMs) => faults.fault(fault, waitMs, meanwhile) },
    signal,
  );
}

/** What we want in the keyspace, and what is seen there. */
interface Entered {
  readonly wanted: Cell<Entries>;
  readonly seen: Cell<Snapshot | undefined>;
  /** The loop that keeps the one equal to the other, and the keys that the store is known to have. */
  readonly loop: Loop;
  readonly keys: Set<string>;
}

async function keepPublished(
  { ttlMs }: PresencePlan,
  { keyspace, clock, random, log }: PresenceDeps,
  { wanted, seen, loop, keys }: Entered,
  voice: Voice,
  signal: AbortSignal,
): Promise<void> {
  const faults = heard(voice, loop);
  loop.expect();
  const onFault = (fault: Fault, retryInMs: number) => faults.fault(fault, retryInMs);
  await persist(
    (progress, s) => {
      const onConverged = () => {
        progress();
        faults.over();
      };
      // A new session holds nothing.
      keys.clear();
      const onPublished = (change: Change) => {
        if (change.kind === "remove") keys.delete(change.key);
        else keys.add(change.key);
        loop.expect();
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
