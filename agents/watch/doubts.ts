import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { andMore } from "../../lib/base/excerpt.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import type { HostNames } from "../../lib/resolve/host-names.ts";
import { type Doubt, Doubts } from "../../lib/view/trust/doubts.ts";
import type { OwnHost } from "../../lib/view/trust/own-host.ts";
import type { Views } from "../../lib/view/views.ts";

/** A doubt, and since when it is there, in milliseconds of the clock. */
export interface DoubtSince extends Doubt {
  readonly sinceMs: number;
}

/** The latest services, and the addresses of host names. */
interface Doubtable {
  readonly views: Pick<Views, "latest">;
  readonly names: Pick<HostNames, "resolution">;
}

/** More doubts at once are one log line, with so many examples. */
const mostLines = 3;

/** Warns once about each instance of another host that points to an address of whichever host reads it. */
export class DoubtWatch {
  readonly found = new Cell<readonly DoubtSince[]>([]);
  #own: OwnHost | undefined;
  readonly #doubts: Cell<Doubts | undefined>;

  /** Without `own`, and without a keyspace that hosts share, nothing is doubted. */
  constructor(own: OwnHost | undefined) {
    this.#own = own;
    this.#doubts = new Cell(doubtsOf(own));
  }

  /** The entries of this host are others, or the keyspaces are. */
  replace(own: OwnHost | undefined): void {
    if (isDeepStrictEqual(own, this.#own)) return;
    this.#own = own;
    this.#doubts.set(doubtsOf(own));
  }

  /** Keeps `found` up to date. */
  async follow(
    { views: { latest }, names: { resolution } }: Doubtable,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const versions = [latest.version, resolution.version, this.#doubts.version] as const;
      const doubts = this.#doubts.value;
      const now = doubts?.in(latest.value.effective, resolution.value) ?? [];
      if (now.length + this.found.value.length > 0) this.#update(now, clock.now(), log);
      await race<unknown>(
        signal,
        (s) => this.#doubts.newer(versions[2], s),
        ...(doubts
          ? [
              (s: AbortSignal) => latest.newer(versions[0], s),
              (s: AbortSignal) => resolution.newer(versions[1], s),
            ]
          : []),
      );
    }
  }

  #update(now: readonly Doubt[], nowMs: number, log: Log): void {
    const known = new Map(this.found.value.map((one) => [markOf(one), one.sinceMs]));
    this.found.set(now.map((one) => ({ ...one, sinceMs: known.get(markOf(one)) ?? nowMs })));
    logDoubts(
      now.filter((one) => !known.has(markOf(one))),
      log,
    );
  }
}

function doubtsOf(own: OwnHost | undefined): Doubts | undefined {
  const isShared = own !== undefined && Object.values(own.folders).some(Boolean);
  return isShared ? new Doubts(own) : undefined;
}

function logDoubts(fresh: readonly Doubt[], log: Log): void {
  const advice = "it is served; watch.trust can refuse such entries";
  if (fresh.length > mostLines) {
    const count = fresh.length;
    const examples = fresh.slice(0, mostLines).map(({ key, why }) => `${key}: ${why}`);
    const sentence = `${count} entries point to the hosts that read them: ${andMore(examples, count)}; they are served; watch.trust can refuse such entries`;
    log.warn("doubted", sentence, { count, examples });
    return;
  }
  for (const { key, revision, why } of fresh) {
    log.warn("doubted", `${key} (revision ${revision}): ${why}; ${advice}`, { key, revision, why });
  }
}

function markOf({ key, why }: Doubt): string {
  return `${key} ${why}`;
}
