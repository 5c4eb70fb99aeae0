import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JournalReader } from "../../lib/journal/contract.ts";
import { journalFolder, readerOf } from "../../lib/journal/read-journal.ts";
import { type Agent, startAgent } from "../faults/agent.ts";
import { App } from "../faults/app.ts";
import { lineOf } from "../faults/model.ts";
import type { Host, Network } from "../faults/network.ts";
import type { Settings } from "../faults/settings.ts";
import type { Scope } from "../faults/world.ts";

/** A machine with instances and the agent that registers them, which may be stopped. */
export class Machine {
  readonly host: Host;
  readonly apps: readonly App[];
  readonly #begin: () => Agent;
  #agent: Agent | undefined;
  #isFrozen = false;

  constructor(host: Host, apps: readonly App[], begin: () => Agent) {
    this.host = host;
    this.apps = apps;
    this.#begin = begin;
  }

  static async make(
    scope: Scope,
    network: Network,
    name: string,
    keys: readonly string[],
    settings: Settings,
    ttlMs: number,
  ): Promise<Machine> {
    const host = await network.host(name);
    const apps: App[] = [];
    for (const key of keys) apps.push(await App.start(scope, key, network.address));
    const path = await settings.presence(name, ttlMs, apps);
    return new Machine(host, apps, () => startAgent(scope, host, ["presence", "-c", path]));
  }

  get isRunning(): boolean {
    return this.#agent !== undefined;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  get agent(): Agent | undefined {
    return this.#agent;
  }

  start(): void {
    this.#agent ??= this.#begin();
  }

  /** Shuts the agent down, or kills it. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.signal(signal);
  }

  async freeze(): Promise<void> {
    this.#isFrozen = true;
    await this.#agent?.signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    await this.#agent?.signal("SIGCONT");
    this.#isFrozen = false;
  }

  /** The lines of the healthy instances, if the agent runs. */
  lines(): readonly string[] {
    if (!this.isRunning) return [];
    return this.apps.filter(({ isUp }) => isUp).map(({ key, value }) => lineOf(key, value));
  }

  /** All lines that its instances may have, also while they drain. */
  possible(): readonly string[] {
    return this.apps.flatMap(({ key, value }) => [
      lineOf(key, value),
      lineOf(key, JSON.stringify({ ...JSON.parse(value), weight: 0 })),
    ]);
  }
}

/** A watcher and its file. */
export class Front {
  readonly host: Host;
  readonly name: string;
  readonly file: string;
  readonly journal: JournalReader;
  readonly #begin: () => Agent;
  #agent: Agent;

  private constructor(
    host: Host,
    name: string,
    { file, journal }: Pick<Front, "file" | "journal">,
    begin: () => Agent,
  ) {
    this.host = host;
    this.name = name;
    this.file = file;
    this.journal = journal;
    this.#begin = begin;
    this.#agent = begin();
  }

  static async make(
    scope: Scope,
    network: Network,
    name: string,
    settings: Settings,
  ): Promise<Front> {
    const host = await network.host(name);
    const target = join(settings.folder, name, "services.txt");
    const path = await settings.watch(name, target);
    const folder = journalFolder(settings.cacheOf(name));
    if (folder === false) throw new Error("a watcher of the soak has a journal");
    const files = { file: target, journal: readerOf(folder, Date.now) };
    return new Front(host, name, files, () => startAgent(scope, host, ["watch", "-c", path]));
  }

  get agent(): Agent {
    return this.#agent;
  }

  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#agent.signal(signal);
    this.#agent = this.#begin();
  }

  /** Empty if there is no file. */
  async text(): Promise<string> {
    return await readFile(this.file, "utf8").catch(() => "");
  }
}
