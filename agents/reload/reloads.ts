import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Plan } from "../../lib/config/plan.ts";
import type { Reloaded } from "../../lib/control/contract.ts";
import { Liveness } from "../../lib/status/liveness.ts";
import type { Selection } from "../../lib/status/paths.ts";
import type { ReloadNotices } from "../../lib/status/reload-notices.ts";
import { faults } from "../faults.ts";
import type { AgentFacts } from "../status.ts";
import { differences } from "./differences.ts";
import { selected } from "./selected.ts";

/** A configuration that was read, and is valid. */
export interface ReadConfiguration {
  readonly plan: Plan;
  /** Sentences about what has no effect in it. */
  readonly warnings: readonly string[];
}

/** Changes that are possible, and were not made yet. */
export interface Prepared {
  /** Makes them. */
  readonly apply: () => Promise<void>;
}

export interface ReloadsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads the configuration again; undefined where there is nothing to read. Throws a fault for one that is not valid. */
  readonly read: (() => Promise<ReadConfiguration>) | undefined;
  /** Opens whatever a plan needs beyond the one before, and changes nothing. Throws a fault for what cannot be used. */
  readonly prepare: (next: Plan) => Promise<Prepared>;
  /** Notifies systemd. */
  readonly notices: Pick<ReloadNotices, "during">;
}

/** Reloads the configuration: all of it or nothing. */
export class Reloads {
  readonly #deps: ReloadsDeps;
  readonly #selection: Pick<Selection, "section">;
  readonly #loop: Liveness;
  /** The plan that applies. */
  readonly plan: Cell<Plan>;
  /** One at a time: each begins with what the one before has come to. */
  #last: Promise<unknown> = Promise.resolve();

  /** Only what the selected agents use matters. */
  constructor(plan: Plan, selection: Pick<Selection, "section">, deps: ReloadsDeps) {
    this.plan = new Cell(plan);
    this.#selection = selection;
    this.#deps = deps;
    this.#loop = new Liveness("reloading the configuration", deps.clock);
  }

  /**
   * Reads the configuration again, and applies what has changed. Resolves once the agents go on with it; the keyspace and the files
   * follow. Throws AGENT_RELOAD_REFUSED, and a retryable fault where something is lacking: then nothing has changed.
   */
  reload(why: string): Promise<Reloaded> {
    const reloading = this.#last.then(() => this.#deps.notices.during(() => this.#reload(why)));
    this.#last = reloading.catch(() => {});
    return reloading;
  }

  /** Has nothing to report until the first reload. */
  status(): AgentFacts {
    const facts = this.#loop.facts();
    return { loops: facts.state === "unknown" ? [] : [facts], keyspaceLoops: [] };
  }

  async #reload(why: string): Promise<Reloaded> {
    const { log } = this.#deps;
    try {
      const { changes, warnings } = await this.#apply();
      this.#loop.succeed();
      for (const warning of warnings) log.warn("setting_unknown", warning);
      const what = changes.length === 0 ? "nothing has changed" : changes.join("; ");
      log.info("reloaded", `the configuration is reloaded (${why}): ${what}`, { changes, why });
      return { changes, warnings };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const refused = error.retry
        ? error
        : faults.AGENT_RELOAD_REFUSED({ problems: linesOf(error) }, error);
      const reported = inOneLine(refused);
      const consequence = error.retry ? "the running configuration is kept" : "";
      this.#loop.fail(reported, Number.POSITIVE_INFINITY, consequence);
      log.error("reload_refused", reported.message, { code: error.code, why });
      throw refused;
    }
  }

  async #apply(): Promise<Reloaded> {
    const { read, prepare } = this.#deps;
    if (!read) throw faults.AGENT_RELOAD_UNSUPPORTED({});
    const { plan, warnings } = await read();
    const { changes, needRestart } = differences(
      selected(this.plan.value, this.#selection),
      selected(plan, this.#selection),
    );
    if (needRestart.length > 0) throw faults.AGENT_RELOAD_NEEDS_RESTART({ settings: needRestart });
    const { apply } = await prepare(plan);
    await apply();
    this.plan.set(plan);
    return { changes, warnings };
  }
}

/** For status and log, which have a line for each fault: what it is, then its problems. */
function inOneLine({ code, retry, message, cause }: Fault): Fault {
  const line = message.replace("\n", ": ").replaceAll("\n", "; ");
  return new Fault(code, retry, line, cause);
}

function linesOf({ message }: Fault): readonly string[] {
  return message.split("\n");
}
