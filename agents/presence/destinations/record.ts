import { sweepBeside } from "../../../lib/base/atomic.ts";
import { Fault, ifSystem } from "../../../lib/base/fault.ts";
import type { Log } from "../../../lib/base/log.ts";
import type { Wanted } from "../../../lib/destination/contract.ts";
import {
  type RegisteredByDestination,
  readRegistered,
  writeRegistered,
} from "../../../lib/destination/registered-file.ts";

/**
 * A record of the registrations that may exist in destinations: an agent that was killed leaves its instances there, and one
 * that is gone when it is started again can only be found by its name.
 */
export class DestinationRecord {
  /** Undefined where there is no folder for it. */
  readonly #path: string | undefined;
  readonly #log: Log;
  readonly #registered: Map<string, readonly Wanted[]>;
  #writing: Promise<void> = Promise.resolve();
  #logged = "";

  constructor(path: string | undefined, restored: RegisteredByDestination, log: Log) {
    this.#path = path;
    this.#registered = new Map(restored);
    this.#log = log;
  }

  of(destination: string): readonly Wanted[] {
    return this.#registered.get(destination) ?? [];
  }

  /** Saves what may be registered in a destination. A failure is logged: it is no reason not to register. */
  async save(destination: string, all: readonly Wanted[]): Promise<void> {
    this.#registered.set(destination, all);
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      await writeRegistered(this.#path, this.#registered);
      this.#logged = "";
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code, message } = error;
      if (message !== this.#logged) {
        const consequence = "an agent that is killed may leave instances there that are gone";
        const [sentence, path] = [`${message}; ${consequence}`, this.#path];
        this.#log.warn("destinations_unsaved", sentence, { code, path });
      }
      this.#logged = message;
    }
  }
}

/** Reads the record; one that cannot be used is logged and ignored. */
export async function openRecord(path: string | undefined, log: Log): Promise<DestinationRecord> {
  if (path === undefined) return new DestinationRecord(path, new Map(), log);
  try {
    // A folder that is missing or closed to this user has nothing to sweep.
    await sweepBeside(path).catch(ifSystem);
    return new DestinationRecord(path, await readRegistered(path), log);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn("destinations_record_rejected", error.message, { code: error.code, path });
    return new DestinationRecord(path, new Map(), log);
  }
}
