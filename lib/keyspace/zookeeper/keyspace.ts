import type { Clock } from "../../base/clock.ts";
import type { Keyspace, Session } from "../contract.ts";
import { type Dial, dialling } from "./dial.ts";
import { ZookeeperSession } from "./session.ts";
import type { Target } from "./target.ts";
import { asFault } from "./trouble.ts";
import { watching } from "./watch.ts";

/** Keeps entries in ZooKeeper 3.4 or later, as ephemeral nodes. Each watch and each session connects by itself. */
export function createZookeeperKeyspace(
  target: Target,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  return new ZookeeperKeyspace(target, dialling(target, clock, random), clock);
}

class ZookeeperKeyspace implements Keyspace {
  readonly url: string;
  readonly watch: Keyspace["watch"];
  readonly #chroot: string;
  readonly #dial: Dial;
  readonly #clock: Clock;
  readonly #sessions = new Set<ZookeeperSession>();

  constructor({ url, location }: Target, dial: Dial, clock: Clock) {
    const { chroot } = location;
    this.url = url;
    this.watch = watching({ url, chroot, dial });
    this.#chroot = chroot;
    this.#dial = dial;
    this.#clock = clock;
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    const [url, chroot, dial, clock] = [this.url, this.#chroot, this.#dial, this.#clock];
    const forget = (session: ZookeeperSession) => this.#sessions.delete(session);
    try {
      const connection = await dial({ sessionMs: ttlMs }, signal);
      const session = new ZookeeperSession(connection, { url, chroot, dial, clock, forget });
      this.#sessions.add(session);
      return session;
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, url, "open a session");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
  }
}
