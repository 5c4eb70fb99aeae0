import type { Cell } from "../../lib/base/cell.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { supervise } from "../../lib/base/supervise.ts";
import type { OwnerStates } from "../../lib/keyspace/conflicts.ts";
import type { Keyspace, Session } from "../../lib/keyspace/contract.ts";
import { publish } from "../../lib/keyspace/publish.ts";
import type { EntryChange } from "../../lib/keyspace/session-state.ts";
import { noKeyspaceUrl } from "../../lib/keyspace/url.ts";
import type { EntryForm } from "../../lib/model/entry-form.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Liveness } from "../../lib/status/liveness.ts";
import { emptyHeld, type PresenceDeps, type PresenceState, reconnect } from "./state.ts";

/** The loop that registers, and where its faults are reported. */
export interface Registering {
  readonly loop: Liveness;
  readonly reporter: FaultReporter;
}

/** A keyspace, and what is read of the own folders in it. */
export interface Store {
  readonly keyspace: Keyspace;
  readonly observed: Cell<Snapshot | undefined>;
}

/** What a registration depends on. */
export interface RegistrationSettings {
  readonly store: Store;
  readonly ttlMs: number;
  /** How the store keeps an entry, by its key; undefined for one at its key that the session owns. */
  readonly formOf: (key: string) => EntryForm | undefined;
  /** Whether other agents are alive, and which sessions yield their entries. */
  readonly owners: Cell<OwnerStates>;
  /** Whether another registration of this agent is to take over. */
  readonly isSuperseded: () => boolean;
  /** Whether that has the session of this id. */
  readonly isSuccessor: (session: string) => boolean;
}

type RegistrationDeps = Pick<PresenceDeps, "clock" | "random" | "log">;

/**
 * Keeps one keyspace equal to `desired`, in one session after the other. Until it serves, its state is its own; from then on it is
 * the state of the agent.
 */
export class Registration {
  readonly settings: RegistrationSettings;
  /** The session; undefined until one is open. */
  session: Session | undefined;
  /** It has registered all that it should once. */
  hasConverged = false;
  readonly #state: PresenceState;
  readonly #registering: Registering;
  readonly #deps: RegistrationDeps;
  readonly #onChange: () => void;
  #isServing = false;
  #confirmed = new Set<string>();
  readonly #storeKeys = new Map<string, string>();
  #held = emptyHeld;
  #grantedMs: number;

  /** `onChange` is called when the session is another one, and when it has converged. */
  constructor(
    settings: RegistrationSettings,
    state: PresenceState,
    registering: Registering,
    deps: RegistrationDeps,
    onChange: () => void,
  ) {
    this.settings = settings;
    this.#state = state;
    this.#registering = registering;
    this.#deps = deps;
    this.#onChange = onChange;
    this.#grantedMs = settings.ttlMs;
  }

  /** From now on its state is the state of the agent. */
  serve(): void {
    this.#isServing = true;
    this.#state.session.set(this.session);
    this.#share();
  }

  /** Another registration serves. */
  retire(): void {
    this.#isServing = false;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#confirmed.size;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { loop, reporter } = this.#registering;
    const { store, ttlMs, formOf, owners, isSuperseded } = this.settings;
    const { clock, random } = this.#deps;
    loop.deadline();
    const onFault = (fault: Fault, retryInMs: number) => reporter.report(fault, retryInMs);
    await supervise(
      (succeeded, s) => {
        this.#begin();
        const onConverged = () => {
          // The loop is at rest once the latest one has registered everything.
          if (!isSuperseded()) succeeded();
          if (this.hasConverged) return;
          this.hasConverged = true;
          this.#onChange();
        };
        const events = {
          ...{ onFault, onConverged, onOpened: this.#onOpened },
          ...{ onPublished: this.#onPublished, onHeld: this.#onHeld },
        };
        const deps = { clock, random, ...events, seen: store.observed, owners };
        const rules = { ttlMs, backoff: reconnect, formOf };
        return publish(store.keyspace, this.#state.desired, rules, deps, s);
      },
      { backoff: reconnect, reporter },
      { clock, random },
      signal,
    );
  }

  /** A new session holds nothing. */
  #begin(): void {
    this.#confirmed = new Set();
    this.#held = emptyHeld;
    this.session = undefined;
    if (!this.#isServing) return;
    this.#state.session.set(undefined);
    this.#share();
  }

  #share(): void {
    const { confirmed, storeKeys, held } = this.#state;
    confirmed.set(this.#confirmed);
    if (this.#storeKeys.size > 0 || storeKeys.value.size > 0) storeKeys.set(this.#storeKeys);
    held.set(this.#held);
  }

  readonly #onOpened = (opened: Session): void => {
    this.session = opened;
    if (this.#isServing) this.#state.session.set(opened);
    this.#onChange();
    if (opened.ttlMs === this.#grantedMs) return;
    this.#grantedMs = opened.ttlMs;
    logTtl(this.settings.ttlMs, opened.ttlMs, this.#deps.log);
  };

  readonly #onPublished = (change: EntryChange, storeKey: string): void => {
    const { key, kind } = change;
    const { confirmed, storeKeys, everConfirmed } = this.#state;
    const [own, isServing] = [this.#storeKeys, this.#isServing];
    // The removal of an entry that another agent holds changes nothing.
    const isOwn = kind !== "remove" || this.#confirmed.has(key);
    const isElsewhere = storeKey !== key && kind !== "remove";
    const isMoved = isElsewhere ? own.set(key, storeKey) : own.delete(key);
    if (isMoved && isServing) storeKeys.set(own);
    for (const keys of [this.#confirmed, everConfirmed.value]) {
      if (kind !== "remove") keys.add(key);
      else if (keys === this.#confirmed || isServing) keys.delete(key);
    }
    if (isServing) confirmed.set(this.#confirmed);
    everConfirmed.set(everConfirmed.value);
    this.#registering.loop.deadline();
    const { url } = this.settings.store.keyspace;
    if (isServing && isOwn && url !== noKeyspaceUrl) logChange(change, this.#deps.log);
  };

  readonly #onHeld = (all: ReadonlyMap<string, string>): void => {
    const { isSuccessor } = this.settings;
    const others = new Map([...all].filter(([, owner]) => !isSuccessor(owner)));
    const lost = [...others].filter(([key]) => this.#confirmed.delete(key));
    const takers = lost.map(([, owner]) => owner);
    this.#held = { owners: others, takenBy: new Set([...this.#held.takenBy, ...takers]) };
    if (!this.#isServing) return;
    if (lost.length > 0) this.#state.confirmed.set(this.#confirmed);
    this.#state.held.set(this.#held);
  };
}

/** Keeps the states of owners equal to those of other agents, and adds that some sessions of this agent yield. */
export async function withYielding(
  { owners: others }: Pick<PresenceState, "owners">,
  yielding: () => readonly string[],
  changes: Cell<unknown>,
  owners: Cell<OwnerStates>,
  signal: AbortSignal,
): Promise<void> {
  const follow = async (cell: Cell<unknown>, s: AbortSignal) => {
    for (;;) {
      const { version } = cell;
      const own = yielding().map((id) => [id, "yields"] as const);
      owners.set(new Map([...others.value, ...own]));
      await cell.newer(version, s);
    }
  };
  await runAll(
    signal,
    (s) => follow(others, s),
    (s) => follow(changes, s),
  );
}

/** Stores count in whole seconds, or in ticks: a difference of less than one second is not worth a warning. */
function logTtl(requestedMs: number, grantedMs: number, log: Log): void {
  if (Math.abs(grantedMs - requestedMs) < 1000) return;
  const [requested, granted] = [requestedMs, grantedMs].map(formatDuration);
  const sentence = `the keyspace limits the TTL of sessions: ${requested} requested, ${granted} granted; entries of a killed agent stay for ${granted}`;
  log.warn("ttl_limited", sentence, { requestedMs, grantedMs });
}

function logChange(change: EntryChange, log: Log): void {
  const { kind, key } = change;
  if (kind === "remove") log.info("deregistered", `deregistered ${key}`, { key });
  else if (kind === "put")
    log.info("registered", `registered ${key}`, { key, value: change.value });
  else log.info("restored", `restored ${key}`, { key, value: change.value });
}
