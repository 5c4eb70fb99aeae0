import type { Clock } from "../../base/clock.ts";
import type { Keyspace, Session } from "../contract.ts";
import { createZookeeperDial, readLogin, type ZookeeperDial } from "./dial.ts";
import { asFault } from "./errors.ts";
import { FormedNodes } from "./formed-nodes.ts";
import type { EntryWriter } from "./put.ts";
import { ZookeeperSession, type ZookeeperSessionDeps } from "./session.ts";
import type { ZookeeperTarget } from "./target.ts";
import { createWatch } from "./watch.ts";

/** A keyspace in ZooKeeper 3.4 or later, of ephemeral nodes. Each watch and each session has its own connection. */
export function createZookeeperKeyspace(
  target: ZookeeperTarget,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  return new ZookeeperKeyspace(target, createZookeeperDial(target, clock, random), clock);
}

class ZookeeperKeyspace implements Keyspace {
  readonly url: string;
  readonly watch: Keyspace["watch"];
  readonly #createWriter: () => EntryWriter;
  readonly #dial: ZookeeperDial;
  readonly #readLogin: ZookeeperSessionDeps["readLogin"];
  readonly #clock: Clock;
  readonly #sessions = new Set<ZookeeperSession>();

  constructor(target: ZookeeperTarget, dial: ZookeeperDial, clock: Clock) {
    const { url, location, sequential } = target;
    const { chroot } = location;
    this.url = url;
    this.watch = createWatch({ url, chroot, dial, clock });
    this.#createWriter = () => new FormedNodes(chroot, sequential);
    this.#dial = dial;
    this.#readLogin = (signal) => readLogin(target, signal);
    this.#clock = clock;
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    try {
      const connection = await this.#dial({ sessionMs: ttlMs }, signal);
      const session = new ZookeeperSession(connection, {
        url: this.url,
        writer: this.#createWriter(),
        dial: this.#dial,
        readLogin: this.#readLogin,
        clock: this.#clock,
        onClosed: (session) => this.#sessions.delete(session),
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
