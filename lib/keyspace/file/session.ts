import { randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { ifSystem } from "../../base/fault.ts";
import { untilAborted } from "../../base/signal.ts";
import type { PutRules, Session } from "../contract.ts";
import { faults } from "../faults.ts";
import { removeEntry, writeEntry } from "./entries.ts";
import { isMissing, unwritable } from "./faults.ts";
import { beat, createSessionFolder } from "./heartbeat.ts";
import { urlOf } from "./path.ts";
import { reap, type SessionFolder } from "./reap.ts";
import { sessionsOf, sweep } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

export interface FileSessionDeps {
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly uptime: Uptime;
}

/** Opens a session in the keyspace folder `root`, an absolute path. Throws KEYSPACE_FILE_UNWRITABLE. */
export async function openSession(root: string, deps: FileSessionDeps): Promise<FileSession> {
  const session = join(sessionsOf(root), randomBytes(8).toString("hex"));
  try {
    await createSessionFolder(session, deps.ttlMs, deps.uptime);
  } catch (error) {
    throw unwritable(error, root);
  }
  return new FileSession({ root, session }, deps);
}

export class FileSession implements Session {
  readonly #folder: SessionFolder;
  readonly #deps: FileSessionDeps;
  readonly #expired = new AbortController();
  readonly #ending = new AbortController();
  /** Resolves when the heartbeat has stopped: the session was closed or abandoned, or has expired. */
  readonly untilEnded: Promise<void>;
  /** The last operation on each key: operations on the same key run one after the other. */
  readonly #inFlight = new Map<string, Promise<void>>();

  constructor(folder: SessionFolder, deps: FileSessionDeps) {
    this.#folder = folder;
    this.#deps = deps;
    const { signal } = this.#ending;
    this.untilEnded = untilAborted(signal, this.#runHeartbeat(signal));
  }

  get id(): string {
    return basename(this.#folder.session);
  }

  get ttlMs(): number {
    return this.#deps.ttlMs;
  }

  get expired(): AbortSignal {
    return this.#expired.signal;
  }

  async put(
    key: string,
    value: string,
    signal: AbortSignal,
    rules: PutRules = {},
  ): Promise<string> {
    const step = async () => {
      const entry = { key, value, rules };
      const isAlive = await writeEntry(this.#folder, entry, this.#deps, signal);
      if (!isAlive) this.#expire();
    };
    await this.#serialize(key, step, signal);
    return key;
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#serialize(key, async () => await removeEntry(this.#folder, key), signal);
  }

  async close(): Promise<void> {
    await this.abandon();
    await this.#reap();
  }

  /** Stops the heartbeat, as a crash does: the session expires after its TTL. */
  async abandon(): Promise<void> {
    this.#ending.abort();
    await this.untilEnded;
    await Promise.all(this.#inFlight.values());
  }

  /** Runs `step` after the operations on the key that were started before. */
  async #serialize(key: string, step: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const previous = this.#inFlight.get(key);
    const operation = (async () => {
      await previous;
      signal.throwIfAborted();
      this.#expired.signal.throwIfAborted();
      await step();
      this.#expired.signal.throwIfAborted();
    })();
    const settled = operation.catch(() => {});
    this.#inFlight.set(key, settled);
    try {
      await operation;
    } finally {
      if (this.#inFlight.get(key) === settled) this.#inFlight.delete(key);
    }
  }

  async #runHeartbeat(signal: AbortSignal): Promise<void> {
    const { ttlMs, clock, uptime } = this.#deps;
    let lastBeatMs = uptime.now();
    let sweepAtMs = lastBeatMs;
    while (!this.#expired.signal.aborted) {
      await clock.sleep(ttlMs / 3, signal);
      const now = uptime.now();
      // The process was suspended for longer than the TTL: watchers may have seen the entries vanish already.
      if (now - lastBeatMs > ttlMs) this.#expire();
      else if (await this.#beat(now)) lastBeatMs = now;
      // With this session among them, so at least once in its TTL.
      if (now >= sweepAtMs) sweepAtMs = now + (await sweep(this.#folder.root, uptime)).nextExpiryMs;
    }
    await this.#reap();
  }

  /** Whether the beat was written. A failing disk has until the end of the TTL to recover. */
  async #beat(nowMs: number): Promise<boolean> {
    try {
      await beat(this.#folder.session, nowMs);
      return true;
    } catch (error) {
      if (isMissing(error)) this.#expire();
      else ifSystem(error);
      return false;
    }
  }

  #expire(): void {
    const url = urlOf(this.#folder.root);
    this.#expired.abort(faults.KEYSPACE_SESSION_EXPIRED({ url, ttlMs: this.#deps.ttlMs }));
  }

  /** If the disk fails, the sweep of another process removes the entries after the TTL. */
  async #reap(): Promise<void> {
    await reap(this.#folder.root, this.#folder.session).catch(ifSystem);
  }
}
