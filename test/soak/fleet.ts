import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Agent, startAgent } from "../faults/agent.ts";
import { App } from "../faults/app.ts";
import { lineOf } from "../faults/model.ts";
import type { Host, Network } from "../faults/network.ts";
import type { Scope } from "../faults/world.ts";

/** Where agents keep their entries, and for how long these outlive them. */
export interface Registry {
  readonly url: string;
  readonly ttlMs: number;
}

/** A machine with some instances and the agent that announces them, which may be there or not. */
export class Machine {
  readonly host: Host;
  readonly apps: readonly App[];
  readonly #begin: () => Agent;
  #agent: Agent | undefined;
  #isStill = false;

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
    { url, ttlMs }: Registry,
    folder: string,
  ): Promise<Machine> {
    const host = await network.host(name);
    const apps: App[] = [];
    for (const key of keys) apps.push(await App.start(scope, key, network.address));
    const services = apps.map(({ key, host, port }) => {
      const [, , service, id] = key.split("/");
      const check = { type: "tcp", interval: "200ms", timeout: "1s", rise: 1, fall: 2 };
      return { name: service, id, host, port, checks: [check] };
    });
    const path = join(folder, `${name}.json`);
    const presence = { ttl: `${ttlMs}ms`, name: "app", services };
    await writeFile(path, JSON.stringify({ keyspace: url, presence }));
    return new Machine(host, apps, () => startAgent(scope, host, ["presence", "-c", path]));
  }

  get isRunning(): boolean {
    return this.#agent !== undefined;
  }

  get isStill(): boolean {
    return this.#isStill;
  }

  get agent(): Agent | undefined {
    return this.#agent;
  }

  start(): void {
    this.#agent ??= this.#begin();
  }

  /** The agent takes its leave, or is killed. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.signal(signal);
  }

  async standStill(): Promise<void> {
    this.#isStill = true;
    await this.#agent?.signal("SIGSTOP");
  }

  async goOn(): Promise<void> {
    await this.#agent?.signal("SIGCONT");
    this.#isStill = false;
  }

  /** The lines of the instances that are well and have an agent to say so. */
  lines(): readonly string[] {
    if (!this.isRunning) return [];
    return this.apps.filter(({ isUp }) => isUp).map(({ key, value }) => lineOf(key, value));
  }

  /** The lines of all its instances. */
  possible(): readonly string[] {
    return this.apps.map(({ key, value }) => lineOf(key, value));
  }
}

/** A watcher with the file that it keeps. */
export class Front {
  readonly host: Host;
  readonly name: string;
  readonly file: string;
  readonly #begin: () => Agent;
  #agent: Agent;

  private constructor(host: Host, name: string, file: string, begin: () => Agent) {
    this.host = host;
    this.name = name;
    this.file = file;
    this.#begin = begin;
    this.#agent = begin();
  }

  static async make(
    scope: Scope,
    network: Network,
    name: string,
    { url }: Registry,
    folder: string,
  ): Promise<Front> {
    const host = await network.host(name);
    const target = join(folder, name, "services.txt");
    await mkdir(join(folder, name));
    const line = "{{key}} {{address}} {{weight}}\n";
    const template = `{{#each services}}\n{{#each instances}}\n${line}{{/each}}\n{{/each}}\n`;
    await writeFile(join(folder, `${name}.hbs`), template);
    const templates = [{ source: `${name}.hbs`, target, prefixes: ["/services"] }];
    const path = join(folder, `${name}.json`);
    await writeFile(path, JSON.stringify({ keyspace: url, watch: { templates } }));
    return new Front(host, name, target, () => startAgent(scope, host, ["watch", "-c", path]));
  }

  get agent(): Agent {
    return this.#agent;
  }

  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#agent.signal(signal);
    this.#agent = this.#begin();
  }

  async shown(): Promise<ReadonlySet<string>> {
    const text = await readFile(this.file, "utf8").catch(() => "");
    return new Set(text.split("\n").filter(Boolean));
  }
}
