import type { Details, Log } from "../../lib/base/log.ts";
import type { RequestResult } from "../../lib/destination/contract.ts";
import { type Fact, hows } from "../../lib/journal/contract.ts";
import type { Family } from "../../lib/metrics/contract.ts";
import { Counter } from "../../lib/metrics/counter.ts";
import { Histogram } from "../../lib/metrics/histogram.ts";
import type { Verdict } from "../../lib/model/verdict.ts";
import { Convergence } from "./convergence.ts";

const verdicts: Readonly<Record<Verdict, string>> = {
  up: "healthy",
  down: "unhealthy",
  unknown: "unknown",
};

const requestResults: readonly RequestResult[] = ["ok", "throttled", "refused", "unreachable"];

/** The metrics that are counted as things happen. */
export class Recordings {
  readonly #checks = new Histogram(
    "sidekick_check_duration_seconds",
    "Duration of health checks by type, in seconds",
    "type",
  );
  readonly #faults = new Counter(
    "sidekick_faults_total",
    "Faults by code, each as often as it is logged",
    "code",
  );
  readonly #verdicts = new Counter(
    "sidekick_verdict_changes_total",
    "Instances that became healthy, unhealthy or unknown",
    "to",
    Object.values(verdicts),
  );
  readonly #served = new Histogram(
    "sidekick_served_everywhere_seconds",
    "Time from the put of a healthy instance until all watchers, or some of them if fewer are asked for, serve it, in seconds; only where that is asked for",
    "watchers",
  );

  readonly #reconciliations = new Counter(
    "sidekick_reconciliations_total",
    "Reconciliations of files and their proxies by outcome",
    "outcome",
    hows,
  );
  readonly #stages = new Histogram(
    "sidekick_reconciliation_duration_seconds",
    "Time from the first sight of a change until a stage of its reconciliation was reached, in seconds",
    "stage",
  );

  readonly #reloads = new Counter(
    "sidekick_config_reloads_total",
    "Reloads of the configuration by outcome",
    "outcome",
    ["reloaded", "refused"],
  );

  /** How long entries take from their stamps until they are served. */
  readonly convergence = new Convergence();

  /** By the name of the destination. */
  readonly #requests = new Map<string, Counter>();

  /** Adds a request to a destination with what became of it. */
  readonly onDestinationRequest = (destination: string, result: RequestResult): void => {
    const counter = this.#requests.get(destination) ?? createRequests();
    this.#requests.set(destination, counter);
    counter.increment(result);
  };

  /** Adds a probe with the type of its check and its duration in milliseconds. */
  readonly onProbe = (type: string, tookMs: number): void => this.#checks.observe(type, tookMs);

  /** Adds an instance that this share of the watchers serves, with the milliseconds since its put. */
  readonly onServed = (minShare: number, tookMs: number): void =>
    this.#served.observe(minShare === 1 ? "all" : "some", tookMs);

  /** Adds a reconciliation; the stages of one that has changed nothing, or has repeated the one before, are no news. */
  readonly onFact = ({ isRepeated, generation: { how, stages } }: Fact): void => {
    this.#reconciliations.increment(how);
    if (isRepeated) return;
    for (const [stage, ms] of Object.entries(stages)) this.#stages.observe(stage, ms);
  };

  /** A log that counts what is logged as it is logged, whatever its level. */
  counting(log: Log): Log {
    const counted =
      (write: Log["info"]): Log["info"] =>
      (event, sentence, details) => {
        this.#count(event, details);
        write(event, sentence, details);
      };
    const { debug, info, warn, error } = log;
    return { debug, info: counted(info), warn: counted(warn), error: counted(error) };
  }

  #count(event: string, details: Details = {}): void {
    const { code, verdict } = details;
    if (event === "reloaded") this.#reloads.increment("reloaded");
    if (event === "reload_refused") this.#reloads.increment("refused");
    if (event === "health_changed") this.#verdicts.increment(verdicts[verdict as Verdict]);
    else if (typeof code === "string") this.#faults.increment(code);
  }

  get families(): readonly Family[] {
    const checks = [this.#checks, this.#faults, this.#verdicts, this.#served];
    const all = [...checks, this.#reconciliations, this.#stages, this.#reloads].map(
      ({ family }) => family,
    );
    const ofDestinations = this.#requests.size > 0 ? [this.#requestsFamily] : [];
    return [...all, ...this.convergence.families, ...ofDestinations];
  }

  /** With two labels, where counters have one. */
  get #requestsFamily(): Family {
    const samples = Array.from(this.#requests, ([destination, { family }]) =>
      family.samples.map(({ labels, ...rest }) => ({
        ...rest,
        labels: { destination, ...labels },
      })),
    );
    return { ...createRequests().family, samples: samples.flat() };
  }
}

function createRequests(): Counter {
  return new Counter(
    "sidekick_destination_requests_total",
    "Requests to destinations by what became of them",
    "result",
    requestResults,
  );
}
