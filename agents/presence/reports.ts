import { Cell, type Current } from "../../lib/base/cell.ts";
import { runLatest } from "../../lib/base/run-each.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { FoundInstance } from "../../lib/discover/contract.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { ReportFacts } from "../../lib/status/facts.ts";
import { describeReport } from "./describe-report.ts";
import { followReports, noReports, type ProxyReports, type Reports } from "./follow-reports.ts";
import { heedProxies } from "./heed.ts";
import { listed } from "./listed.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** So many instances have a line of their own if many are reported at once. */
const mostLogged = 10;

/** What the proxies that use the instances of this agent report of them. */
export class ReportController {
  /** What the checks alone conclude; that is the health unless proxies are heeded. */
  readonly checked: PresenceState["health"];
  readonly #reports = new Cell<Reports>(noReports);
  readonly #plan: Current<PresencePlan>;
  readonly #state: PresenceState;
  readonly #deps: PresenceDeps;

  constructor(plan: Current<PresencePlan>, state: PresenceState, deps: PresenceDeps) {
    this.checked = plan.value.heed ? new Cell(state.health.value) : state.health;
    this.#plan = plan;
    this.#state = state;
    this.#deps = deps;
  }

  /** For status; undefined for an instance that no proxy reports. */
  readonly reportOn = (one: FoundInstance): ReportFacts | undefined => {
    const name = nameOf(one.instance);
    const report = this.#reports.value.own.get(name);
    if (!report) return undefined;
    const { failing, of, sinceMs } = report;
    const why = describeReport(report, one.instance, this.checked.value.get(name));
    return { failing: failing.size, of, sinceMs, why };
  };

  /**
   * Follows the reports in the keyspace that has the entries, logs them, and has the checks of a reported instance run at once. Heeds them if that is
   * configured.
   */
  async run(store: Cell<unknown>, signal: AbortSignal): Promise<void> {
    const { heed } = this.#plan.value;
    const heeding = { ...this.#state, checked: this.checked, reports: this.#reports };
    await runAll(
      signal,
      (s) => runLatest(store, (_, t) => this.#follow(t), s),
      (s) => this.#react(s),
      ...(heed ? [(s: AbortSignal) => heedProxies(heed, this.#plan, heeding, this.#deps, s)] : []),
    );
  }

  async #follow(signal: AbortSignal): Promise<void> {
    await followReports(this.#plan, this.#state, this.#reports, this.#deps, signal);
  }

  async #react(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    let before: ProxyReports = new Map();
    for (;;) {
      const { version, value } = this.#reports;
      const { own } = value;
      this.#reactTo(before, own);
      const ended = [...before.keys()].filter((name) => !own.has(name));
      if (ended.length > 0) {
        const sentence = `no proxy reports ${listed(ended)} any longer`;
        log.info("suspicion_ended", sentence, { ids: ended });
      }
      before = own;
      await this.#reports.newer(version, signal);
    }
  }

  /** Logs new reports, and has the checks run wherever more watchers report an instance. */
  #reactTo(before: ProxyReports, own: ProxyReports): void {
    if (own.size === 0) return;
    const { log, triggers } = this.#deps;
    let logged = 0;
    for (const one of this.#state.found.value.found) {
      const name = nameOf(one.instance);
      const [known, report] = [before.get(name), own.get(name)];
      if (!report || (known && report.failing.size <= known.failing.size)) continue;
      const why = describeReport(report, one.instance, this.checked.value.get(name));
      triggers?.trigger(name, why);
      logged += known ? 0 : 1;
      if (known || logged > mostLogged) continue;
      const { failing, of } = report;
      log.warn("suspected", `${name}: ${why}`, { id: name, of, watchers: [...failing.keys()] });
    }
    if (logged <= mostLogged) return;
    const sentence = `proxies fail to use ${logged - mostLogged} more instances`;
    log.warn("suspected", sentence, { count: logged - mostLogged });
  }
}
