import type { FileState } from "../model/watcher-file.ts";
import type { InstanceState, OverviewDestination, OverviewVerdict } from "./contract.ts";

/**
 * How good a state is: `note` passes by itself, `warn` may not, and `quiet` is as it was asked for. Each has a colour, on a page
 * also a shape, and the word of the state stands beside them. Instances and files give one word one tone.
 */
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
  unknown: "note",
  standby: "quiet",
  "not served": "warn",
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
