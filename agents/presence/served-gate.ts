import { type Cell, type Current, untilAny } from "../../lib/base/cell.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Served } from "../../lib/control/contract.ts";
import type { Draining } from "../../lib/presence/contract.ts";
import { placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { UnservedStatus } from "../../lib/status/contract.ts";
import { listed } from "./listed.ts";
import { type ServedDeps, untilServed } from "./served.ts";
import type { PresenceState } from "./state.ts";

/** After so many milliseconds it is reported what is missing, and the watchers are asked anew. */
const roundMs = 5000;

/** The most instances that are reported. */
const most = 20;

interface GateState
  extends Pick<
    PresenceState,
    "found" | "health" | "held" | "desired" | "observed" | "storeKeys" | "session"
  > {
  readonly draining: Cell<Draining>;
}

/**
 * Readiness after the start, with `presence.waitServed`: not before the proxies of all watchers send requests to the instances
 * that are healthy. Once that was the case it never applies again, so that a proxy which fails later, as proxies may everywhere
 * at once, makes no agent unready. Without a watcher it goes on waiting, and reports that.
 */
export class ServedGate {
  readonly #plan: Current<PresencePlan>;
  readonly #state: GateState;
  readonly #deps: ServedDeps & { readonly log: Log };
  /** When instances were put, over all rounds. */
  readonly #putMs = new Map<string, number>();
  #unserved: readonly UnservedStatus[] | undefined;

  constructor(
    plan: Current<PresencePlan>,
    state: GateState,
    deps: ServedDeps & { readonly log: Log },
  ) {
    this.#plan = plan;
    this.#state = state;
    this.#deps = deps;
    this.#unserved = plan.value.waitServed ? [] : undefined;
  }

  /** The instances that readiness waits for, empty until they are known; undefined if it waits for none. */
  get unserved(): readonly UnservedStatus[] | undefined {
    return this.#unserved;
  }

  /** Asks the watchers until all instances are served. Logs what is missing, whenever that is something else. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    let logged = "";
    while (this.#unserved) {
      const names = await this.#healthy(signal);
      const answers = await this.#ask(names, signal);
      if (!answers) continue;
      const missing = answers.filter(({ isServed }) => !isServed);
      this.#unserved = missing.slice(0, most).map(({ name, why }) => ({ name, why }));
      if (missing.length === 0) {
        this.#unserved = undefined;
        const sentence = `the proxies of all watchers serve ${listed(names)}`;
        if (names.length > 0) log.info("served", sentence, { ids: names });
        return;
      }
      const why = missing.map((one) => `${one.name}: ${one.why}`);
      if (why.join("\n") === logged) continue;
      logged = why.join("\n");
      const sentence = `not ready until the proxies of all watchers serve the instances; ${listed(why)}`;
      log.warn("served_waiting", sentence, { ids: missing.map(({ name }) => name) });
    }
  }

  /** The answers; undefined if other instances are healthy meanwhile. */
  async #ask(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<Served["instances"] | undefined> {
    const { found, health, held, draining } = this.#state;
    const request = { names, minShare: 1, limitMs: roundMs };
    const deps = { ...this.#deps, putMs: this.#putMs };
    const isOther = () => this.#names()?.join("\n") !== names.join("\n");
    return await race<Served["instances"] | undefined>(
      signal,
      async (s) => (await untilServed(this.#plan.value, this.#state, request, deps, s)).instances,
      async (s) => {
        await untilAny([found, health, held, draining], isOther, s);
        return undefined;
      },
    );
  }

  /** The instances to be served, once all are discovered and have been checked. */
  async #healthy(signal: AbortSignal): Promise<readonly string[]> {
    const { found, health, held, draining } = this.#state;
    await untilAny([found, health, held, draining], () => this.#names() !== undefined, signal);
    return this.#names() ?? [];
  }

  /** Undefined while some are not discovered, or not checked. */
  #names(): readonly string[] | undefined {
    const { found, health, held, draining } = this.#state;
    if (!found.value.isComplete) return undefined;
    const { keyOf } = placesOf(this.#plan.value);
    const running = found.value.found.filter(({ standing }) => standing.state === "up");
    const names = running.map(({ instance }) => nameOf(instance));
    const verdictOf = (name: string) => health.value.get(name)?.verdict ?? "unknown";
    if (names.some((name) => verdictOf(name) === "unknown")) return undefined;
    return names.filter(
      (name) =>
        verdictOf(name) === "up" &&
        !draining.value.has(name) &&
        !held.value.owners.has(keyOf(name)),
    );
  }
}
