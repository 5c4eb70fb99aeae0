import type { App } from "./app.ts";
import type { Lifetime } from "./judge.ts";

/** The expected content of the keyspace: the healthy instances of the agent, and the entries of other clients. */
export class Model {
  readonly #apps: readonly App[];
  readonly #lifetimes = new Map<string, Lifetime>();
  #others = new Map<string, string>();
  #written = 0;

  constructor(apps: readonly App[]) {
    this.#apps = apps;
    for (const { key, value } of apps) {
      this.#begin(key, value);
      // While its agent shuts down.
      this.#begin(key, JSON.stringify({ ...JSON.parse(value), weight: 0 }));
    }
  }

  /** The expected values by key, at this moment. */
  get desired(): ReadonlyMap<string, string> {
    const up = this.#apps.filter((app) => app.isUp).map((app) => [app.key, app.value] as const);
    return new Map([...up, ...this.#others]);
  }

  /** All lines that the file may have shown, with the lifetimes of their entries. */
  get lifetimes(): ReadonlyMap<string, Lifetime> {
    return this.#lifetimes;
  }

  get others(): ReadonlyMap<string, string> {
    return this.#others;
  }

  /** The entries of other clients, now or as soon as they are written. */
  set others(others: ReadonlyMap<string, string>) {
    for (const [key, value] of this.#others) {
      const lifetime = this.#lifetimes.get(lineOf(key, value));
      if (lifetime && others.get(key) !== value) lifetime.removedMs = performance.now();
    }
    for (const [key, value] of others) this.#begin(key, value);
    this.#others = new Map(others);
  }

  #begin(key: string, value: string): void {
    const line = lineOf(key, value);
    const fromMs = this.#lifetimes.get(line)?.fromMs ?? performance.now();
    this.#lifetimes.set(line, { fromMs, removedMs: undefined });
  }

  /** A new entry of another client. */
  another(): { readonly key: string; readonly value: string } {
    this.#written += 1;
    const port = 1 + (this.#written % 65_535);
    const key = `/services/others/${this.#written}`;
    return { key, value: JSON.stringify({ host: "10.9.9.9", port }) };
  }
}

/** The line that the template of the watcher renders for an entry. */
export function lineOf(key: string, value: string): string {
  const { host, port, weight = 1 } = JSON.parse(value);
  return `${key} ${host}:${port} ${weight}`;
}

export function linesOf(entries: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...entries].map(([key, value]) => lineOf(key, value)));
}
