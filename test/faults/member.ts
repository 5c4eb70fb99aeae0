import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually, type Running, start } from "../support/process.ts";
import type { Host } from "./network.ts";
import type { Member } from "./store.ts";

/** The part of a member that depends on the kind of store. */
export interface Server {
  readonly host: Host;
  /** The port for clients. */
  readonly port: number;
  readonly folder: string;
  /** Whether it is the only member of the store. Only then may it be wiped. */
  readonly alone: boolean;
  /** Writes the files that the server needs to its folder. Resolves with the command line. */
  prepare(): Promise<readonly string[]>;
  /** Whether the process answers; false or a rejection while it does not. */
  answers(): Promise<boolean>;
}

/** A server on its host until the end of the test. Start it with `restart`. */
export class ServerMember implements Member {
  readonly #server: Server;
  readonly #t: Pick<TestContext, "after">;
  #running: Running | undefined;
  #awake = false;

  constructor(t: Pick<TestContext, "after">, server: Server) {
    this.#t = t;
    this.#server = server;
  }

  get name(): string {
    return this.host.name;
  }

  get host(): Host {
    return this.#server.host;
  }

  get endpoint(): string {
    return `${this.host.address}:${this.#server.port}`;
  }

  get folder(): string {
    return this.#server.folder;
  }

  get pid(): number {
    const pid = this.#running?.child.pid;
    if (pid === undefined) throw new Error(`${this.name} was not started`);
    return pid;
  }

  /** Whether it runs and is not frozen. */
  get awake(): boolean {
    return this.#awake;
  }

  async kill(): Promise<void> {
    this.#awake = false;
    await this.#running?.stop("SIGKILL");
  }

  async restart({ wiped = false } = {}): Promise<void> {
    const { folder, host, alone } = this.#server;
    if (wiped && !alone)
      throw new Error(`${this.name} is one of several: it cannot be wiped alone`);
    await mkdir(folder, { recursive: true });
    // The folder itself stays: something may be mounted there.
    const old = wiped ? await readdir(folder) : [];
    for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
    const running = start(this.#t, host.on(await this.#server.prepare()));
    this.#running = running;
    this.#awake = true;
    let ended = false;
    void running.ended.then(() => {
      ended = true;
      if (this.#running === running) this.#awake = false;
    });
    const answer = eventually(
      `${this.name} answers`,
      async () => ended || (await this.#server.answers()),
    );
    await answer.catch((error) => Promise.reject(this.#withOutput(error)));
    if (ended) throw this.#withOutput(new Error(`${this.name} ended when it was started`));
  }

  freeze(): void {
    this.#awake = false;
    this.#running?.child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#running?.child.kill("SIGCONT");
    this.#awake = true;
  }

  #withOutput(error: Error): Error {
    const last = this.#running?.output().slice(-2000);
    return new Error(`${error.message}; its last output:\n${last}`, { cause: error });
  }
}
