/** The times of a load balancer in milliseconds. */
export interface Times {
  /** From a registration to the end of the first health checks. */
  readonly initialMs: number;
  /** From a deregistration until requests in progress are cut off; AWS's default is 300 s. */
  readonly drainMs: number;
}

export type Phase = "initial" | "healthy" | "unhealthy" | "draining";

interface Registration {
  readonly atMs: number;
  readonly drainsSinceMs?: number;
}

/** What is registered in a load balancer or target group, by id; each goes through its phases as time passes. */
export class Registrations {
  readonly #nowMs: () => number;
  readonly #times: Times;
  readonly #all = new Map<string, Registration>();
  readonly #unhealthy = new Set<string>();

  constructor(times: Times, nowMs: () => number) {
    this.#times = times;
    this.#nowMs = nowMs;
  }

  /** No change if it is registered already. */
  register(key: string): void {
    const phase = this.phase(key);
    if (phase === undefined || phase === "draining") this.#all.set(key, { atMs: this.#nowMs() });
  }

  /** No change if it is not registered. */
  deregister(key: string): void {
    const known = this.#all.get(key);
    if (!known || this.phase(key) === "draining") return;
    this.#all.set(key, { ...known, drainsSinceMs: this.#nowMs() });
  }

  /** What the health checks of the load balancer find from now on. */
  setHealthy(key: string, isHealthy: boolean): void {
    if (isHealthy) this.#unhealthy.delete(key);
    else this.#unhealthy.add(key);
  }

  /** Undefined if it is not registered. */
  phase(key: string): Phase | undefined {
    const known = this.#all.get(key);
    if (!known) return undefined;
    const nowMs = this.#nowMs();
    const { initialMs, drainMs } = this.#times;
    if (known.drainsSinceMs !== undefined) {
      if (nowMs - known.drainsSinceMs < drainMs) return "draining";
      this.#all.delete(key);
      return undefined;
    }
    if (nowMs - known.atMs < initialMs) return "initial";
    return this.#unhealthy.has(key) ? "unhealthy" : "healthy";
  }

  /** All that are registered or draining. */
  keys(): readonly string[] {
    return [...this.#all.keys()].filter((key) => this.phase(key) !== undefined);
  }
}
