import type { Clock } from "../../base/clock.ts";
import type { Keyspace, Session } from "../contract.ts";
import { dialling, readLogin, type ZookeeperDial } from "./dial.ts";
import { asFault } from "./errors.ts";
import { NumberedNodes } from "./numbered.ts";
import { namedNodes, type Writing } from "./put.ts";
import { type ZookeeperHeldKey, ZookeeperSession } from "./session.ts";
import type { ZookeeperTarget } from "./target.ts";
import { watching } from "./watch.ts";

/** Keeps entries in ZooKeeper 3.4 or later, as ephemeral nodes. Each watch and each session connects by itself. */
export function createZookeeperKeyspace(
  target: ZookeeperTarget,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  return new ZookeeperKeyspace(target, dialling(target, clock, random), clock);
}

class ZookeeperKeyspace implements Keyspace {
  readonly url: string;
  readonly watch: Keyspace["watch"];
  readonly #writing: () => Writing;
  readonly #dial: ZookeeperDial;
  readonly #readLogin: ZookeeperHeldKey["readLogin"];
  readonly #clock: Clock;
  readonly #sessions = new Set<ZookeeperSession>();

  constructor(target: ZookeeperTarget, dial: ZookeeperDial, clock: Clock) {
    const { url, location, sequential } = target;
    const { chroot } = location;
    this.url = url;
    this.watch = watching({ url, chroot, dial });
    this.#writing = () => (sequential ? new NumberedNodes(chroot) : namedNodes(chroot));
    this.#dial = dial;
    this.#readLogin = (signal) => readLogin(target, signal);
    this.#clock = clock;
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    try {
      const connection = await this.#dial({ sessionMs: ttlMs }, signal);
      const session = new ZookeeperSession(connection, {
        url: this.url,
        writing: this.#writing(),
        dial: this.#dial,
        readLogin: this.#readLogin,
        clock: this.#clock,
        forget: (session) => this.#sessions.delete(session),
      });
      this.#sessions.add(session);
      return session;
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, this.url, "open a session");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
  }
}
