import type { App } from "./app.ts";
import type { Life } from "./judge.ts";

/** What the registry should hold: the agent's instances that are up, and what others wrote. */
export class Model {
  readonly #apps: readonly App[];
  readonly #lives = new Map<string, Life>();
  #others = new Map<string, string>();
  #written = 0;

  constructor(apps: readonly App[]) {
    this.#apps = apps;
    for (const { key, value } of apps) {
      this.#begin(key, value);
      // While it leaves with its agent.
      this.#begin(key, JSON.stringify({ ...JSON.parse(value), weight: 0 }));
    }
  }

  /** Value by key, as of now. */
  get wanted(): ReadonlyMap<string, string> {
    const up = this.#apps.filter((app) => app.isUp).map((app) => [app.key, app.value] as const);
    return new Map([...up, ...this.#others]);
  }

  /** Each line that may ever have been shown, with the time that it was there. */
  get lives(): ReadonlyMap<string, Life> {
    return this.#lives;
  }

  get others(): ReadonlyMap<string, string> {
    return this.#others;
  }

  /** What others have in the registry from here on, or will have in a moment. */
  set others(others: ReadonlyMap<string, string>) {
    for (const [key, value] of this.#others) {
      const life = this.#lives.get(lineOf(key, value));
      if (life && others.get(key) !== value) life.goneMs = performance.now();
    }
    for (const [key, value] of others) this.#begin(key, value);
    this.#others = new Map(others);
  }

  #begin(key: string, value: string): void {
    const line = lineOf(key, value);
    const fromMs = this.#lives.get(line)?.fromMs ?? performance.now();
    this.#lives.set(line, { fromMs, goneMs: undefined });
  }

  /** An entry of somebody else's that was never there before. */
  another(): { readonly key: string; readonly value: string } {
    this.#written += 1;
    const port = 1 + (this.#written % 65_535);
    const key = `/services/others/${this.#written}`;
    return { key, value: JSON.stringify({ host: "10.9.9.9", port }) };
  }
}

/** The line that the watcher's template makes of an entry. */
export function lineOf(key: string, value: string): string {
  const { host, port, weight = 1 } = JSON.parse(value);
  return `${key} ${host}:${port} ${weight}`;
}

export function linesOf(entries: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...entries].map(([key, value]) => lineOf(key, value)));
}
