import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import { causeOf, describeCause } from "../../lib/journal/cause.ts";
import type { Cause, How, Reason } from "../../lib/journal/contract.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { keyChange } from "../../lib/journal/key-changes.ts";
import { isWithinAny } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Reads } from "../../lib/render/reads.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Outcome, Texts } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { neededChanges } from "./needed-changes.ts";
import { detailOf, howOf, refusalOf } from "./outcome-facts.ts";
import type { GroupStatus } from "./status.ts";
import { type Beginning, Trace } from "./trace.ts";
import type { Trigger } from "./triggers.ts";

/** The state that the next generation is compared with. */
interface Base {
  readonly pools: Pools;
  /** Undefined if it is a state of an earlier process. */
  readonly texts: Texts | undefined;
  readonly reads: readonly Reads[];
}

/** Makes a generation of each reconciliation of a group. */
export class GenerationRecorder {
  readonly #status: Pick<GroupStatus, "group" | "outOfSync">;
  readonly #group: TemplateGroup;
  readonly #journal: Pick<Journal, "append">;
  readonly #clock: Clock;
  #base: Base | undefined;
  #isFirst = true;

  constructor(
    status: Pick<GroupStatus, "group" | "outOfSync">,
    journal: Pick<Journal, "append">,
    clock: Clock,
  ) {
    this.#status = status;
    this.#group = status.group;
    this.#journal = journal;
    this.#clock = clock;
  }

  /** A reconciliation begins; hand the trace to `apply`. */
  begin(
    { reasons: triggered, seenMs }: Pick<Trigger, "reasons" | "seenMs">,
    current: Snapshot,
  ): Trace {
    const { accepted, quarantine } = this.#group;
    // Accepted by an earlier process.
    if (!this.#base && accepted) this.#base = { pools: accepted, texts: undefined, reads: [] };
    const held = quarantine.quarantined;
    const hasDrifted = this.#status.outOfSync.length > 0;
    const known = triggered.map((one) => (one === "retry" && hasDrifted ? "drift" : one));
    const reasons: readonly Reason[] = this.#isFirst ? ["start"] : known;
    const beginning = { reasons, seenMs, current };
    const describe = (pools: Pools) =>
      describeCause(this.#cause(this.#changedKeys(pools), pools, beginning));
    return new Trace(beginning, held, describe, this.#clock);
  }

  /** The reconciliation has ended. Appends its generation to the journal, and returns its cause for log lines. */
  async end(
    trace: Trace,
    result: Outcome | Fault,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { texts, pools } = this.#reached(trace, result);
    const how = howOf(result);
    const cause = await this.#exactCause(trace, how, { texts, pools }, signal);
    const textsBefore = this.#base?.texts;
    const quarantined = trace.newlyQuarantined(this.#group.quarantine.quarantined);
    this.#journal.append({
      group: this.#group.title,
      how,
      ...detailOf(result),
      texts,
      textsBefore,
      revision: pools?.snapshot.revision ?? trace.beginning.current.revision,
      cause,
      stages: trace.stages(),
      ...(result instanceof Fault && { refused: refusalOf(result) }),
      ...(quarantined.length > 0 && { quarantined }),
    });
    const isVerified = !(result instanceof Fault) && result.kind !== "deferred";
    if (isVerified && pools) {
      this.#base = { pools, texts, reads: this.#reads() };
      this.#isFirst = false;
    }
    const words = describeCause(cause);
    return words === "" ? undefined : words;
  }

  /** The texts that were reached, or tried; and their services. */
  #reached(
    { texts, pools }: Trace,
    result: Outcome | Fault,
  ): { texts: Texts; pools: Pools | undefined } {
    const { verified, accepted } = this.#group;
    const isVerified = !(result instanceof Fault) && result.kind !== "deferred";
    if (isVerified && verified && accepted) return { texts: verified, pools: accepted };
    return { texts, pools };
  }

  async #exactCause(
    trace: Trace,
    how: How,
    { texts, pools }: { readonly texts: Texts; readonly pools: Pools | undefined },
    signal: AbortSignal,
  ): Promise<Cause> {
    const { beginning } = trace;
    const before = this.#base;
    // The files were as they should be already.
    if (!pools || how === "same") return causeOf([], beginning.reasons);
    const keys = this.#changedKeys(pools);
    const needed = before?.texts
      ? await neededChanges(
          this.#group,
          keys,
          { before: { pools: before.pools, texts: before.texts }, after: { pools, texts } },
          this.#clock,
          signal,
        )
      : keys;
    return this.#cause(needed, pools, beginning);
  }

  #cause(keys: readonly string[], { snapshot }: Pools, { reasons, current }: Beginning): Cause {
    const before = this.#base?.pools.snapshot;
    if (!before) return causeOf([], reasons);
    const changes = keys.map((key) => keyChange(key, { before, after: snapshot, current }));
    return causeOf(changes, reasons);
  }

  /** The keys with another value than in the base that the texts of then or of now depend on. */
  #changedKeys({ snapshot, sources }: Pools): readonly string[] {
    const { prefixes } = this.#group;
    const base = this.#base;
    if (!base) return [];
    const reads = [...base.reads, ...this.#reads()];
    const isRead = (key: string) =>
      isWithinAny(key, prefixes) && (sources.covers(key) || reads.some((one) => one.covers(key)));
    const { snapshot: before } = base.pools;
    return [...snapshot.changedSince(before)].filter(
      (key) => snapshot.get(key)?.value !== before.get(key)?.value && isRead(key),
    );
  }

  #reads(): readonly Reads[] {
    return this.#group.files.map(({ source }) => source.reads);
  }
}
