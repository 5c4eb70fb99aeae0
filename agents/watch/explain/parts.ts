import type { Clock } from "../../../lib/base/clock.ts";
import type { Journal } from "../../../lib/journal/journal.ts";
import type { TemplateGroup } from "../groups.ts";
import type { WatchState } from "../state.ts";

/** The parts of a watcher that explanations need: their code is loaded with the first question. */
export interface WatchParts {
  readonly groups: readonly TemplateGroup[];
  readonly state: WatchState;
  readonly journal: Journal;
  readonly clock: Clock;
}
