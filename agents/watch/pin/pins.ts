import type { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { dateOf } from "../../../lib/base/dates.ts";
import { Fault, sentence } from "../../../lib/base/fault.ts";
import type { Log } from "../../../lib/base/log.ts";
import { isNamed } from "../../../lib/base/named-path.ts";
import { runEach } from "../../../lib/base/run-each.ts";
import { abortable, race, runAll } from "../../../lib/base/signal.ts";
import { withTimeout } from "../../../lib/base/timeout.ts";
import type { FileOperations, Pinned, PinRequest } from "../../../lib/control/contract.ts";
import type { JournalReader } from "../../../lib/journal/contract.ts";
import { pinPath, readPins, type SavedPin, writePins } from "../../../lib/journal/pin-file.ts";
import { faults } from "../../faults.ts";
import type { TemplateGroup } from "../groups.ts";
import { targetsOf } from "../targets.ts";
import type { Pin } from "./group-pin.ts";

interface PinDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** Pins groups to the texts of generations, and ends that in time. The pins are saved beside the snapshot cache. */
export class Pins {
  readonly #path: string | false;
  readonly #groups: Cell<readonly TemplateGroup[]>;
  readonly #journal: Pick<JournalReader, "texts">;
  readonly #deps: PinDeps;

  private constructor(
    path: string | false,
    groups: Cell<readonly TemplateGroup[]>,
    journal: Pick<JournalReader, "texts">,
    deps: PinDeps,
  ) {
    this.#path = path;
    this.#groups = groups;
    this.#journal = journal;
    this.#deps = deps;
  }

  /** Restores the pins that an earlier process has saved. A file that cannot be used is logged and ignored. */
  static async open(
    cachePath: string | false,
    groups: Cell<readonly TemplateGroup[]>,
    journal: Pick<JournalReader, "texts">,
    deps: PinDeps,
  ): Promise<Pins> {
    const path = pinPath(cachePath);
    const pins = new Pins(path, groups, journal, deps);
    await pins.restore(groups.value);
    return pins;
  }

  /** Restores the saved pins of some groups, as far as they have not ended. */
  async restore(groups: readonly TemplateGroup[]): Promise<void> {
    if (this.#path !== false) await this.#restore(this.#path, groups);
  }

  /** Ends each pin in time, and saves what is drained meanwhile. */
  readonly run = async (signal: AbortSignal): Promise<void> => {
    const keep = (group: TemplateGroup, s: AbortSignal) =>
      runAll(
        s,
        (t) => this.#end(group, t),
        (t) => this.#saveDrained(group, t),
      );
    await runEach(this.#groups, keep, signal);
  };

  readonly pin: FileOperations["pin"] = async (request, signal) => {
    const { n } = request;
    const { clock, log } = this.#deps;
    const [group, made] = await this.#find(n);
    if (group.pin.isTried) throw faults.AGENT_PIN_BUSY({ group: group.title });
    const sinceMs = clock.now();
    const { reason, forMs } = request;
    const pin: Pin = { n, ...made, reason, sinceMs, untilMs: sinceMs + forMs };
    const before = group.pin.kept.value;
    const fault = await this.#try(group, pin, request, signal);
    const targets = targetsOf(group);
    if (fault) {
      const refused = faults.AGENT_PIN_REFUSED({ n, why: sentence(fault) });
      log.warn("pin_refused", refused.message, { code: fault.code, targets, generation: n });
      throw refused;
    }
    try {
      await this.#save();
    } catch (error) {
      group.pin.set(before);
      throw error;
    }
    const [{ until = "" } = {}] = this.#answer(group, pin);
    const text = `${group.title} is pinned to generation ${n} until ${until}: ${reason}`;
    log.warn("pinned", text, { targets, generation: n, untilTime: until, why: reason });
    return { files: this.#answer(group, pin) };
  };

  /** Throws AGENT_FILE_UNKNOWN, and JOURNAL_PINS_UNWRITABLE; then the files stay pinned. */
  readonly unpin: FileOperations["unpin"] = async ({ target }) => {
    const all = this.#groups.value.flatMap(targetsOf);
    const isMeant = (path: string) => target === undefined || isNamed(path, target);
    if (target !== undefined && !all.some(isMeant))
      throw faults.AGENT_FILE_UNKNOWN({ path: target, targets: all });
    const groups = this.#groups.value.filter((one) => targetsOf(one).some(isMeant));
    await this.#save(new Set(groups));
    const files = groups.flatMap((group) => {
      const pin = group.pin.kept.value;
      if (!pin) return [];
      group.pin.set(undefined);
      this.#logEnd(group, pin, "on request");
      return this.#answer(group, pin);
    });
    return { files };
  };

  /** The group and the kept texts of a generation. Throws JOURNAL_NO_GENERATION and AGENT_PIN_ faults. */
  async #find(n: number): Promise<readonly [TemplateGroup, Pick<Pin, "texts" | "revision">]> {
    const { generation, texts } = await this.#journal.texts(n);
    const { group: title, revision } = generation;
    const group = this.#groups.value.find((one) => one.title === title);
    const targets = group ? targetsOf(group) : [];
    if (!group || targets.some((one) => !(one in texts)))
      throw faults.AGENT_PIN_OTHER_FILES({ n, group: title });
    const kept = targets.map((target) => {
      const text = texts[target];
      if (typeof text !== "string") throw faults.AGENT_PIN_NOT_KEPT({ n, target });
      return [target, text] as const;
    });
    return [group, { texts: new Map(kept), revision }];
  }

  /** Resolves with the fault for which the pin is refused. */
  async #try(
    group: TemplateGroup,
    pin: Pin,
    { n, limitMs }: Pick<PinRequest, "n" | "limitMs">,
    signal: AbortSignal,
  ): Promise<Fault | undefined> {
    const { result, cancel } = group.pin.try(pin);
    try {
      return await withTimeout(
        limitMs,
        (s) => abortable(result, s),
        () => faults.AGENT_PIN_REFUSED({ n, why: "the attempt has not ended within the limit" }),
        this.#deps.clock,
        signal,
      );
    } finally {
      cancel();
    }
  }

  async #restore(path: string, groups: readonly TemplateGroup[]): Promise<void> {
    const { clock, log } = this.#deps;
    try {
      for (const saved of await readPins(path)) {
        const { group: title, n, revision, reason, since, until, forMs, texts, drained } = saved;
        const group = groups.find((one) => one.title === title);
        const [nowMs, date] = [clock.now(), Date.now()];
        const restMs = Math.min(forMs, Date.parse(until) - date);
        if (!group || !(restMs > 0) || targetsOf(group).some((one) => !(one in texts))) continue;
        const sinceMs = nowMs - Math.max(0, date - Date.parse(since));
        const own = new Map(targetsOf(group).map((one) => [one, texts[one] ?? ""]));
        group.pin.drained.set(new Set(drained));
        group.pin.set({ n, revision, reason, texts: own, sinceMs, untilMs: nowMs + restMs });
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warn("snapshot_cache_rejected", error.message, { code: error.code, path });
    }
  }

  async #end(group: TemplateGroup, signal: AbortSignal): Promise<never> {
    const { clock } = this.#deps;
    const { kept } = group.pin;
    for (;;) {
      const { value: pin, version } = kept;
      const restMs = pin && pin.untilMs - clock.now();
      if (restMs === undefined) await kept.newer(version, signal);
      else if (restMs > 0) {
        await race<unknown>(
          signal,
          (s) => kept.newer(version, s),
          (s) => clock.sleep(restMs, s),
        );
      } else if (pin) {
        group.pin.set(undefined);
        this.#logEnd(group, pin, "its time is over");
        // The saved one has ended, too.
        await this.#save().catch(ifFault);
      }
    }
  }

  async #saveDrained(
    { pin: { drained, kept } }: TemplateGroup,
    signal: AbortSignal,
  ): Promise<never> {
    let { version } = drained;
    for (;;) {
      await drained.newer(version, signal);
      version = drained.version;
      // After a fault it is saved with the next change; the texts that are applied have it already.
      if (kept.value) await this.#save().catch(ifFault);
    }
  }

  /** Saves all pins but those of some groups. Throws JOURNAL_PINS_UNWRITABLE. */
  async #save(ended: ReadonlySet<TemplateGroup> = new Set()): Promise<void> {
    if (this.#path === false) return;
    const pins = this.#groups.value.flatMap((group) => {
      const pin = ended.has(group) ? undefined : group.pin.kept.value;
      return pin ? [this.#saved(group, pin)] : [];
    });
    await writePins(this.#path, pins);
  }

  #saved({ title: group, pin: kept }: TemplateGroup, pin: Pin): SavedPin {
    const { n, revision, reason, sinceMs, untilMs } = pin;
    const [since, until] = [this.#dateOf(sinceMs), this.#dateOf(untilMs)];
    const texts = Object.fromEntries(pin.texts);
    const drained = [...kept.drained.value];
    return { group, n, revision, reason, since, until, forMs: untilMs - sinceMs, texts, drained };
  }

  #answer(group: TemplateGroup, { n, untilMs }: Pin): Pinned["files"] {
    const until = this.#dateOf(untilMs);
    return targetsOf(group).map((target) => ({ target, generation: n, until }));
  }

  #logEnd(group: TemplateGroup, { n }: Pin, why: string): void {
    const text = `${group.title} is not pinned to generation ${n} any longer: ${why}`;
    this.#deps.log.info("unpinned", text, { targets: targetsOf(group), generation: n, why });
  }

  #dateOf(ms: number): string {
    return dateOf(ms, { nowMs: this.#deps.clock.now(), date: new Date() });
  }
}

function ifFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}
