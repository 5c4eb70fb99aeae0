import type { Overrides } from "./located/apply-overrides.ts";
import type { Env } from "./located/expand-variables.ts";
import { renamedSettings } from "./renamed-settings.ts";

/** Variables that Kubernetes sets in every container for a Service named `sidekick`. */
const serviceLink = /^SIDEKICK_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

/** `SIDEKICK_…` variables: `SIDEKICK_WATCH_SETTLE_QUIET` sets `watch.settle.quiet`. `ignore` names variables that are not settings. */
export function overridesFrom(env: Env, ignore: readonly string[]): Overrides {
  const isIgnored = (name: string) => ignore.includes(name) || serviceLink.test(name);
  return { prefix: "SIDEKICK_", env, isIgnored, renames: renamedSettings };
}
