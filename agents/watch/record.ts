import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import { causeOf, describeCause } from "../../lib/journal/cause.ts";
import type { Cause, How, Reason } from "../../lib/journal/contract.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { ReadState } from "../../lib/render/reads.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";
import type { Outcome } from "./apply.ts";
import { type Base, causeSince, changedKeys } from "./changed-keys.ts";
import type { TemplateGroup } from "./groups.ts";
import { neededChanges } from "./needed-changes.ts";
import { detailOf, howOf, refusalOf } from "./outcome-facts.ts";
import type { Arrivals } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import { Trace } from "./trace.ts";
import type { Trigger } from "./triggers.ts";

/** The texts that were reached, or tried, and their services; these are undefined if none were rendered. */
interface Reached {
  readonly texts: Texts;
  readonly pools: Pools | undefined;
}

export interface RecorderDeps {
  readonly clock: Clock;
  readonly arrivals?: Arrivals | undefined;
}

/** Makes a generation of each reconciliation of a group. */
export class GenerationRecorder {
  readonly #status: Pick<GroupStatus, "group" | "outOfSync">;
  readonly #group: TemplateGroup;
  readonly #journal: Pick<Journal, "append">;
  readonly #clock: Clock;
  readonly #arrivals: Arrivals | undefined;
  #base: Base | undefined;
  /** Stands for a base with the services that the group has accepted: none of its own keeps an old snapshot in memory. */
  #verified: Omit<Base, "pools"> | undefined;
  /** The state of the files, while the proxy is ahead of them. */
  #onDisk: Base | undefined;
  /** The generations with the texts of the base, and of the files. */
  #reachedBy: number | undefined;
  #onDiskBy: number | undefined;
  #isFirst = true;

  constructor(
    status: Pick<GroupStatus, "group" | "outOfSync">,
    journal: Pick<Journal, "append">,
    { clock, arrivals }: RecorderDeps,
  ) {
    this.#status = status;
    this.#group = status.group;
    this.#journal = journal;
    this.#clock = clock;
    this.#arrivals = arrivals;
  }

  /** A reconciliation begins; hand the trace to `apply`. */
  begin(
    { reasons: triggered, seenMs }: Pick<Trigger, "reasons" | "seenMs">,
    current: Snapshot,
  ): Trace {
    this.#base = this.#latestBase();
    const hasDrifted = this.#status.outOfSync.length > 0;
    const known = triggered.map((one) => (one === "retry" && hasDrifted ? "drift" : one));
    const reasons: readonly Reason[] = this.#isFirst ? ["start"] : known;
    const beginning = { reasons, seenMs, current };
    const describe = (pools: Pools, reads: readonly ReadState[]) => {
      const before = this.#onDisk ?? this.#base;
      const keys = changedKeys(before, pools, reads, this.#group.prefixes);
      return describeCause(causeSince(before, keys, pools, beginning));
    };
    return new Trace(beginning, this.#group, describe, this.#clock);
  }

  /** The reconciliation has ended. Appends its generation to the journal, and returns its cause for log lines. */
  async end(
    trace: Trace,
    result: Outcome | Fault,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const isFault = result instanceof Fault;
    // What was refused are the changes that the files lack.
    if (isFault && trace.back) {
      this.#base = this.#onDisk ?? this.#base;
      this.#reachedBy = this.#onDiskBy ?? this.#reachedBy;
    }
    const before = this.#base;
    const replaced = this.#reachedBy;
    const reached = this.#reached(trace, result);
    const { texts, pools } = reached;
    const how = howOf(result, trace.back);
    const quarantined = trace.newlyQuarantined(this.#group.quarantine.quarantined);
    const draft = {
      ...{ group: this.#group.title, how, ...detailOf(result), texts, textsBefore: before?.texts },
      revision:
        this.#group.pin.active?.revision ??
        pools?.snapshot.revision ??
        trace.beginning.current.revision,
      stages: trace.stages(),
      ...(replaced !== undefined && { before: replaced }),
      ...(isFault && { refused: refusalOf(result) }),
      ...(quarantined.length > 0 && { quarantined }),
    };
    // Before the cause is found: the files may be in sync with later services by then.
    this.#advance(trace, result, reached);
    const cause = await this.#exactCause(trace, how, before, reached, signal);
    const { generation } = this.#journal.append({ ...draft, cause });
    if (!isFault && result.kind !== "deferred") this.#reachedBy = generation.n;
    const words = describeCause(cause);
    return words === "" ? undefined : words;
  }

  /** The next generation is compared with this one, if it was verified. */
  #advance(trace: Trace, result: Outcome | Fault, { texts, pools }: Reached): void {
    const { ahead } = this.#group;
    this.#onDisk = ahead && (this.#onDisk ?? this.#base);
    this.#onDiskBy = ahead && (this.#onDiskBy ?? this.#reachedBy);
    if (result instanceof Fault || result.kind === "deferred" || !pools) return;
    const rendered = { texts, reads: trace.reads };
    const isAccepted = pools === this.#group.accepted;
    this.#base = isAccepted ? undefined : { pools, ...rendered };
    this.#verified = isAccepted ? rendered : undefined;
    this.#isFirst = false;
  }

  /** The services for which files stay as they are may be later ones than those of the last generation. */
  #latestBase(): Base | undefined {
    const { accepted } = this.#group;
    const { texts, reads } = this.#verified ?? { texts: undefined, reads: [] };
    this.#verified = undefined;
    return this.#base ?? (accepted && { pools: accepted, texts, reads });
  }

  /** The texts that were reached, or tried; and their services. */
  #reached({ texts, pools }: Trace, result: Outcome | Fault): Reached {
    const { verified, accepted, ahead, pin } = this.#group;
    // The services that were accepted last are not those of pinned texts.
    if (pin.active) return { texts, pools };
    const served = ahead?.pools ?? accepted;
    const isVerified = !(result instanceof Fault) && result.kind !== "deferred";
    if (isVerified && verified && served) return { texts: verified, pools: served };
    return { texts, pools };
  }

  /** How long an entry was quarantined is not how long its change took. */
  #measure(trace: Trace, before: Snapshot | undefined, after: Snapshot, keys: readonly string[]) {
    for (const key of keys) {
      const entry = after.get(key);
      if (!entry || trace.wasQuarantined(entry)) continue;
      this.#arrivals?.onVerified(before?.get(key), entry);
    }
  }

  async #exactCause(
    trace: Trace,
    how: How,
    before: Base | undefined,
    { texts, pools }: Reached,
    signal: AbortSignal,
  ): Promise<Cause> {
    const { beginning } = trace;
    // The files were as they should be already.
    if (!pools || how === "same") return causeOf([], beginning.reasons);
    const keys = changedKeys(before, pools, trace.reads, this.#group.prefixes);
    if (how !== "refused" && how !== "failed" && how !== "deferred") {
      this.#measure(trace, before?.pools.snapshot, pools.snapshot, keys);
    }
    const needed = before?.texts
      ? await neededChanges(
          this.#group,
          keys,
          { before: { pools: before.pools, texts: before.texts }, after: { pools, texts } },
          this.#clock,
          signal,
        )
      : keys;
    return causeSince(before, needed, pools, beginning);
  }
}
