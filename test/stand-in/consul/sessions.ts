import { randomUUID } from "node:crypto";
import { parseGoDuration } from "./durations.ts";
import { badRequest } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import type { Indexes } from "./indexes.ts";
import type { KeyValues } from "./key-values.ts";

export interface StoredSession {
  readonly ID: string;
  readonly Name: string;
  readonly Node: string;
  /** In nanoseconds. */
  readonly LockDelay: number;
  readonly Behavior: "release" | "delete";
  readonly TTL: string;
  readonly NodeChecks: readonly string[];
  readonly ServiceChecks: null;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface SessionLimits {
  /** `session_ttl_min` of a server's configuration, in milliseconds. */
  readonly minTtlMs: number;
  /** A number in [0, 1): a session ends so far between one and two TTLs after its last renewal. */
  readonly random: () => number;
}

const maxTtlMs = 86_400_000;
const maxLockDelayMs = 60_000;

/** Consul's sessions: each expires between one and two TTLs after its last renewal. */
export class Sessions {
  readonly #sessions = new Map<string, StoredSession>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #lockDelays = new Map<string, number>();
  readonly #indexes: Indexes;
  readonly #keys: KeyValues;
  readonly #limits: SessionLimits;
  #index = 1;

  constructor(indexes: Indexes, keys: KeyValues, limits: SessionLimits) {
    this.#indexes = indexes;
    this.#keys = keys;
    this.#limits = limits;
  }

  get all(): readonly StoredSession[] {
    return [...this.#sessions.values()];
  }

  get index(): number {
    return this.#index;
  }

  get(id: string): StoredSession | undefined {
    return this.#sessions.get(id);
  }

  /** A lock of the key is rejected: a session with a lock delay has held it. */
  isDelayed(key: string): boolean {
    return (this.#lockDelays.get(key) ?? 0) > performance.now();
  }

  create(body: Readonly<Record<string, unknown>>, node: string): StoredSession {
    const fields = fieldsOf(body);
    const { ttl: TTL = "", behavior: Behavior = "release", name: Name = "" } = fields;
    const { lockdelay: LockDelay = "15s" } = fields;
    const ttlMs = TTL === "" ? undefined : parseGoDuration(String(TTL));
    const { minTtlMs } = this.#limits;
    if (ttlMs !== undefined && !(ttlMs >= minTtlMs && ttlMs <= maxTtlMs)) {
      throw badRequest(
        `Invalid Session TTL '${ttlMs * 1e6}', must be between [${minTtlMs / 1000}s=24h0m0s]`,
      );
    }
    if (Behavior !== "release" && Behavior !== "delete") {
      throw badRequest(`Invalid Behavior setting '${Behavior}'`);
    }
    const delayMs =
      typeof LockDelay === "number" ? LockDelay * 1000 : parseGoDuration(String(LockDelay));
    const index = this.#indexes.next();
    const session: StoredSession = {
      ID: randomUUID(),
      Name: String(Name),
      Node: node,
      LockDelay: Math.min(maxLockDelayMs, delayMs) * 1e6,
      Behavior,
      TTL: String(TTL),
      NodeChecks: (fields.nodechecks ?? fields.checks ?? ["serfHealth"]) as readonly string[],
      ServiceChecks: null,
      CreateIndex: index,
      ModifyIndex: index,
    };
    this.#sessions.set(session.ID, session);
    this.#index = index;
    this.#arm(session);
    this.#indexes.wake();
    return session;
  }

  renew(id: string): StoredSession | undefined {
    const session = this.#sessions.get(id);
    if (session) this.#arm(session);
    return session;
  }

  /** Ends the session: its keys are removed or released, and locks of them are delayed. */
  destroy(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#sessions.delete(id);
    this.#index = this.#indexes.next();
    for (const pair of this.#keys.pairs("").filter(({ Session }) => Session === id)) {
      const value = Buffer.from(pair.Value ?? "", "base64");
      if (session.Behavior === "delete") this.#keys.remove(pair.Key);
      else this.#keys.unlock({ key: pair.Key, value, flags: pair.Flags }, id);
      if (session.LockDelay > 0) {
        this.#lockDelays.set(pair.Key, performance.now() + session.LockDelay / 1e6);
      }
    }
    this.#indexes.wake();
  }

  destroyAll(): void {
    for (const id of [...this.#sessions.keys()]) this.destroy(id);
  }

  /** Only these sessions are left, as in the state of a snapshot. */
  restore(sessions: readonly StoredSession[]): void {
    this.stopTimers();
    this.#sessions.clear();
    for (const session of sessions) this.#sessions.set(session.ID, session);
    this.restartTimers();
  }

  /** A new leader begins the TTL of each session anew. */
  restartTimers(): void {
    for (const session of this.#sessions.values()) this.#arm(session);
  }

  stopTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #arm({ ID, TTL }: StoredSession): void {
    clearTimeout(this.#timers.get(ID));
    if (TTL === "") return;
    const lifeMs = parseGoDuration(TTL) * (1 + this.#limits.random());
    this.#timers.set(
      ID,
      setTimeout(() => this.destroy(ID), lifeMs),
    );
  }
}
