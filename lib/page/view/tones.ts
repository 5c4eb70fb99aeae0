import type { How } from "../../journal/contract.ts";
import type { FileState } from "../../model/watcher-file.ts";
import type {
  InstanceState,
  OverviewDestination,
  OverviewVerdict,
} from "../../overview/contract.ts";

/** How good a state is. Each has a shape and a colour; the word stands beside them. */
export type Tone = "good" | "note" | "warn" | "bad" | "quiet";

export const verdictTones: Readonly<Record<OverviewVerdict["state"], Tone>> = {
  "in sync": "good",
  degraded: "warn",
  unhealthy: "bad",
  starting: "note",
  "shutting down": "quiet",
};

/** In the order in which a bar shows them. */
export const instanceTones: Readonly<Record<InstanceState, Tone>> = {
  serving: "good",
  retained: "warn",
  draining: "note",
  unknown: "quiet",
  standby: "quiet",
  "not registered": "warn",
  quarantined: "bad",
  unhealthy: "bad",
};

export const fileTones: Readonly<Record<FileState, Tone>> = {
  "in sync": "good",
  unknown: "note",
  "out of sync": "warn",
  failing: "bad",
  "proxy down": "bad",
};

export const destinationTones: Readonly<Record<OverviewDestination["state"], Tone>> = {
  ok: "good",
  unknown: "quiet",
  failing: "bad",
};

export function howTone(how: How): Tone {
  if (how === "refused" || how === "failed") return "bad";
  return how === "deferred" ? "note" : "good";
}
