import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { followMounted } from "../../lib/keyspace/mounts/follow-mounted.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { changedNames, type Values, type Variables } from "./variables.ts";

/** Changes that follow within so many milliseconds are one. */
const settleMs = 100;

/** How soon variables that could not be rendered are tried again without a change, in milliseconds. */
const retryMs = 30_000;

export interface FollowDeps {
  readonly mounts: Mounts;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Of the keyspace, and of the templates. */
  readonly reporters: { readonly keyspace: FaultReporter; readonly rendering: FaultReporter };
}

/** Keeps `values` equal to what the variables are; the last values stay while they cannot be rendered. */
export async function followVariables(
  variables: Variables,
  values: Cell<Values | undefined>,
  { mounts, clock, random, reporters }: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  const consequence = () =>
    values.value ? "the program keeps its variables" : "the program has not been started yet";
  const snapshots = new Cell<Snapshot | undefined>(undefined);
  const render = async (snapshot: Snapshot, s: AbortSignal): Promise<boolean> => {
    try {
      const rendered = await variables.render(snapshot, s);
      const before = values.value;
      if (!before || changedNames(before, rendered).length > 0) values.set(rendered);
      reporters.rendering.resolved();
      return true;
    } catch (error) {
      if (s.aborted || !(error instanceof Fault)) throw error;
      reporters.rendering.report(error, retryMs, consequence());
      return false;
    }
  };
  const renderEach = async (s: AbortSignal) => {
    await snapshots.newer(0, s);
    for (;;) {
      const { value, version } = snapshots;
      const isRendered = value === undefined || (await render(value, s));
      await race(
        s,
        (inner) => snapshots.newer(version, inner),
        ...(isRendered ? [] : [(inner: AbortSignal) => clock.sleep(retryMs, inner)]),
      );
      await clock.sleep(settleMs, s);
    }
  };
  const following = { clock, random, reporter: reporters.keyspace, consequence };
  await runAll(
    signal,
    (s) => followMounted(mounts, variables.prefixes, snapshots, following, s),
    renderEach,
  );
}
