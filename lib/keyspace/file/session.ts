import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { untilAborted } from "../../base/signal.ts";
import type { Session } from "../contract.ts";
import { faults } from "../faults.ts";
import { ifSystem, isMissing, unwritable } from "./faults.ts";
import { beat, begin } from "./heartbeat.ts";
import { eraseOwn, writeOwn } from "./own.ts";
import { urlOf } from "./path.ts";
import { reap, type SessionFolder } from "./reap.ts";
import { sessionsOf, sweep } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** What a session lives on. */
export interface SessionDeps {
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly uptime: Uptime;
}

/** Opens a session in the keyspace folder `root`, an absolute path. */
export async function openSession(root: string, deps: SessionDeps): Promise<FileSession> {
  const session = join(sessionsOf(root), randomBytes(8).toString("hex"));
  try {
    await begin(session, deps.ttlMs, deps.uptime);
  } catch (error) {
    throw unwritable(error, root);
  }
  return new FileSession({ root, session }, deps);
}

export class FileSession implements Session {
  readonly #place: SessionFolder;
  readonly #deps: SessionDeps;
  readonly #lost = new AbortController();
  readonly #ending = new AbortController();
  /** Resolves when the session is no longer kept alive: closed, abandoned or lost. */
  readonly living: Promise<void>;
  /** By key, what is being done to it: the steps of two writers of one key must not mix. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(place: SessionFolder, deps: SessionDeps) {
    this.#place = place;
    this.#deps = deps;
    this.living = untilAborted(this.#ending.signal, this.#live(this.#ending.signal));
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async put(key: string, value: string, signal: AbortSignal): Promise<string> {
    const step = async () => {
      const isAlive = await writeOwn(this.#place, { key, value }, this.#deps, signal);
      if (!isAlive) this.#drop();
    };
    await this.#inTurn(key, step, signal);
    return key;
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#inTurn(key, async () => await eraseOwn(this.#place, key), signal);
  }

  async close(): Promise<void> {
    await this.abandon();
    await this.#retire();
  }

  /** Leaves the session to its fate, as a crash does: its entries have the time to live left. */
  async abandon(): Promise<void> {
    this.#ending.abort();
    await this.living;
    await Promise.all(this.#underWay.values());
  }

  /** Does `step` once what was to be done with this key before is done. */
  async #inTurn(key: string, step: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const before = this.#underWay.get(key);
    const mine = (async () => {
      await before;
      signal.throwIfAborted();
      this.#lost.signal.throwIfAborted();
      await step();
      this.#lost.signal.throwIfAborted();
    })();
    const settled = mine.catch(() => {});
    this.#underWay.set(key, settled);
    try {
      await mine;
    } finally {
      if (this.#underWay.get(key) === settled) this.#underWay.delete(key);
    }
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { ttlMs, clock, uptime } = this.#deps;
    let heardMs = uptime.now();
    while (!this.#lost.signal.aborted) {
      await clock.sleep(ttlMs / 3, signal);
      const now = uptime.now();
      // Stopped for too long: others may have seen the entries vanish, so they are not brought back.
      if (now - heardMs > ttlMs) this.#drop();
      else if (await this.#beat(now)) heardMs = now;
      await sweep(this.#place.root, uptime);
    }
    await this.#retire();
  }

  /** Whether it was heard. A disk that fails may work again: it has the time to live for that. */
  async #beat(nowMs: number): Promise<boolean> {
    try {
      await beat(this.#place.session, nowMs);
      return true;
    } catch (error) {
      if (isMissing(error)) this.#drop();
      else ifSystem(error);
      return false;
    }
  }

  #drop(): void {
    const url = urlOf(this.#place.root);
    this.#lost.abort(faults.KEYSPACE_SESSION_EXPIRED({ url, ttlMs: this.#deps.ttlMs }));
  }

  /** Should the disk fail us, the entries go at the end of the time to live, by somebody else's hand. */
  async #retire(): Promise<void> {
    await reap(this.#place.root, this.#place.session).catch(ifSystem);
  }
}
